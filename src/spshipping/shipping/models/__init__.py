"""The models of Amazon Shipping v2, by family."""
