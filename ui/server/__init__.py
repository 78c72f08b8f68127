"""The way in: middleware, routes, log-in and limits. Knows nothing of posts or answers."""
