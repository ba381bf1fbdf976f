"""The roles of a developer profile, by which Amazon grants operations, as Amazon spells them."""

from enum import StrEnum


class Role(StrEnum):
    """A role that Amazon grants to an application; a member equals its name at Amazon.

    Source: https://developer-docs.amazon.com/sp-api/docs/roles-in-the-selling-partner-api
    """

    ACCOUNT_INFORMATION_SERVICE_PROVIDER = "Account Information Service Provider"
    AMAZON_FULFILLMENT = "Amazon Fulfillment"
    AMAZON_LOGISTICS = "Amazon Logistics"
    BUYER_COMMUNICATION = "Buyer Communication"
    BUYER_SOLICITATION = "Buyer Solicitation"
    DIRECT_TO_CONSUMER_SHIPPING = "Direct-to-Consumer Shipping (Restricted)"
    FINANCE_AND_ACCOUNTING = "Finance and Accounting"
    INVENTORY_AND_ORDER_TRACKING = "Inventory and Order Tracking"
    PRICING = "Pricing"
    PRODUCT_LISTING = "Product Listing"
    PROFESSIONAL_SERVICES = "Professional Services (Restricted)"
    SELLING_PARTNER_INSIGHTS = "Selling Partner Insights"
    TAX_INVOICING = "Tax Invoicing (Restricted)"
    TAX_REMITTANCE = "Tax Remittance (Restricted)"
