"""A message to questions that stand alone: follow-ups completed, spelling corrected, several questions separated."""
