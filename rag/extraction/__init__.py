"""Pages to copies of posts: where a post begins and ends, its title, author and date, what is boilerplate.

Gives: `posts.divide`.
Needs: `loading`, `text`.
"""
