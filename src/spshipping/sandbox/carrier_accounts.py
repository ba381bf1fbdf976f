"""The sellers' own accounts with third-party carriers: what the carriers ask for, and what is linked."""

import threading
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from spshipping import shipping as api
from spshipping.regions import ShippingBusiness
from spshipping.sandbox.ids import Ids
from spshipping.sandbox.operations import ApiRequest, Implementations
from spshipping.sandbox.refusals import NOT_FOUND, invalid_input, refused
from spshipping.sandbox.responses import Response, json_response
from spshipping.sandbox.services import FEDEX, THIRD_PARTY_SERVICES, UPS, Carrier, Service


class _Input(NamedTuple):
    """One input of a carrier's form."""

    name: str
    is_confidential: bool = False


class _Form(NamedTuple):
    """What a carrier asks for to link an account."""

    carrier: Carrier
    account_type: str
    inputs: tuple[_Input, ...]


_NUMBER = "accountNumber"
_FORMS: Mapping[str, _Form] = {
    form.carrier.code: form
    for form in (
        _Form(
            UPS,
            "SHIPPER_ACCOUNT_WITH_INVOICE",
            (_Input(_NUMBER), _Input("invoiceNumber"), _Input("password", is_confidential=True)),
        ),
        _Form(FEDEX, "SHIPPER_ACCOUNT", (_Input(_NUMBER), _Input("password", is_confidential=True))),
    )
}
_MOST = 64


class _Account(NamedTuple):
    """An account that is linked."""

    account_id: str
    carrier: Carrier
    number: str


_Owner = tuple[str, ShippingBusiness]


class CarrierAccounts:
    """Links accounts, and says which services a seller may use because of them."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._lock = threading.Lock()
        self._accounts: dict[_Owner, dict[str, _Account]] = {}
        self.implementations: Implementations = {
            api.GET_CARRIER_ACCOUNT_FORM_INPUTS: self.get_form_inputs,
            api.GET_CARRIER_ACCOUNTS: self.get_accounts,
            api.LINK_CARRIER_ACCOUNT: self.link,
            api.UPDATE_LINKED_CARRIER_ACCOUNT: self.link,
            api.UNLINK_CARRIER_ACCOUNT: self.unlink,
        }

    def clear(self) -> None:
        """Unlink every account."""
        with self._lock:
            self._accounts.clear()

    def services(self, request: ApiRequest) -> Iterator[Service]:
        """Yield the services of the linked accounts; of those alone that *request* names, if it names any.

        Raises:
            RefusedError: it names one that is not linked.
        """
        linked = self._of(request)
        named = request.body.get("carrierAccounts")
        for account in named or ():
            found = linked.get(account["carrierAccountId"])
            if found is None or found.carrier.code != account["carrierId"]:
                raise invalid_input("The carrier account is not linked")
        chosen = {account["carrierAccountId"] for account in named} if named else set(linked)
        carriers = {linked[account_id].carrier for account_id in chosen}
        yield from (service for service in THIRD_PARTY_SERVICES if service.carrier in carriers)

    def get_form_inputs(self, request: ApiRequest) -> Response:  # noqa: ARG002
        """Return the form of each carrier."""
        return json_response({"linkableCarriersList": [_form(form) for form in _FORMS.values()]})

    def get_accounts(self, request: ApiRequest) -> Response:
        """Return the accounts that are linked."""
        return json_response(
            {
                "activeAccounts": [
                    {"accountId": account.account_id, "carrierId": account.carrier.code}
                    for account in self._of(request).values()
                ]
            }
        )

    def link(self, request: ApiRequest) -> Response:
        """Link an account, with POST or with PUT: one with the same number is the same account."""
        form = _form_of(request)
        number = _checked(form, request.body)[_NUMBER]
        with self._lock:
            accounts = self._accounts.setdefault((request.seller, request.business), {})
            same = [one for one in accounts.values() if (one.carrier, one.number) == (form.carrier, number)]
            account = same[0] if same else _Account(self._ids.uuid("account"), form.carrier, number)
            accounts[account.account_id] = account
        return json_response({"registrationStatus": "ACTIVE", "accountId": account.account_id})

    def unlink(self, request: ApiRequest) -> Response:
        """Unlink an account, or all accounts with the carrier; one that is not linked is unlinked already."""
        carrier, account_id = _form_of(request).carrier, request.body.get("accountId")
        with self._lock:
            accounts = self._accounts.get((request.seller, request.business), {})
            for account in [*accounts.values()]:
                if account.carrier == carrier and account_id in (None, account.account_id):
                    del accounts[account.account_id]
        return json_response({"isUnlinked": True})

    def _of(self, request: ApiRequest) -> dict[str, _Account]:
        with self._lock:
            return dict(self._accounts.get((request.seller, request.business), {}))


def _form_of(request: ApiRequest) -> _Form:
    form = _FORMS.get(request.path["carrierId"])
    if form is None:
        raise refused(NOT_FOUND, "There is no such carrier to link an account with")
    return form


def _form(form: _Form) -> dict[str, Any]:
    return {
        "carrierId": form.carrier.code,
        "linkableAccountTypes": [
            {
                "accountType": form.account_type,
                "carrierAccountInputs": [_input(form, one) for one in form.inputs],
            }
        ],
    }


def _input(form: _Form, one: _Input) -> dict[str, Any]:
    return {
        "descriptionLocalizationKey": f"{form.carrier.code.lower()}.{one.name}",
        "name": one.name,
        "groupName": "account",
        "inputType": "PASSWORD" if one.is_confidential else "TEXTBOX",
        "isMandatory": True,
        "isConfidential": one.is_confidential,
        "isHidden": False,
        "validationMetadata": [
            {
                "errorMessage": f"{one.name} has 1 to {_MOST} characters",
                "validationStrategy": "REGEX",
                "value": f"^.{{1,{_MOST}}}$",
            }
        ],
    }


def _checked(form: _Form, body: Mapping[str, Any]) -> dict[str, str]:
    """Return the values of a form's inputs, by name.

    Raises:
        RefusedError: the kind of account is another, or an input is missing, too long or unknown.
    """
    if body["carrierAccountType"] != form.account_type:
        raise invalid_input("The carrier account type is invalid", f"It must be {form.account_type}")
    attributes = [*body["carrierAccountAttributes"], *(body.get("encryptedCarrierAccountAttributes") or ())]
    values = {each.get("attributeName"): each.get("value") or "" for each in attributes}
    names = [one.name for one in form.inputs]
    for name in values:
        if name not in names:
            raise invalid_input("A carrier account attribute is unknown", f"There are {', '.join(names)}")
    for name in names:
        if not 1 <= len(values.get(name, "")) <= _MOST:
            raise invalid_input("A carrier account attribute is invalid", f"{name} is required")
    return values
