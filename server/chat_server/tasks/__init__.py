"""Tasks that live as long as the server: batches of work, and parts that are started again."""
