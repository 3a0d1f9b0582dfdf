"""Stories: articles of several sources that tell the same thing. Pure; `near` alone remembers anything."""
