"""Between the page and the network: which requests are served, for whom, and how many at once.

Provides: `middleware.Guard` and its `Rules`, `auth.read_accounts`, `connections.bound_connections`,
`log.bound_log`, `environment.close_environment`. Knows nothing about posts or answers. Uses: `services.temp_files`; of
other packages, Starlette and uvicorn.
"""
