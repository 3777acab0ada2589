"""How requests are signed in: sessions in the database, and tokens in a header."""
