"""Recipe to result: repeats what a project published and attaches a record that anyone can verify to its entry."""
