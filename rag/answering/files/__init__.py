"""Files of questions and of answers, and the pages that quotes are checked against."""
