"""All that ends on 27 March 2027, when Amazon switches off reading with Orders v0.

To delete it: this folder; `AmazonOrder.from_v0`; what `orders/workflows.py` does where `HAS_BRIDGE` holds;
`OrdersApi.compare`, and the command that calls it; of `OrderSource` all but `V2026`, and `RetrievalPlan`.
"""
