"""Records to HTML, through one escaping writer (`html`). No state."""
