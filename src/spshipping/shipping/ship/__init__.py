"""One label for each parcel: purchases that are begun in a journal, sent, and settled."""
