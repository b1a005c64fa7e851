"""Who somebody is: registration, log-in, passwords and the sessions of an account."""
