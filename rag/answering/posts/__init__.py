"""Questions about the posts themselves, answered with a list of posts."""
