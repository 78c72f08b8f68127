"""Posts as programs export them: feeds, JSON, tables, texts with fields."""
