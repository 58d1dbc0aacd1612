"""Never two ways home (rule 3): who sees whom, over which links, and in every order that a graph allows."""
