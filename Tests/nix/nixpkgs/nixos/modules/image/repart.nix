# Its options are declared with the others.
{ }
