import pickle

import pytest

from spshipping.roles import Role


@pytest.mark.parametrize("role", Role)
def test_a_role_is_its_text_wherever_it_is_shown(role: Role) -> None:
    assert f"{role}" == str(role) == ", ".join([role]) == role.value
    assert pickle.loads(pickle.dumps(role)) is role


def test_restricted_roles_say_so_and_are_spelt_as_amazon_spells_them() -> None:
    assert {str(role) for role in Role if "(Restricted)" in role} == {
        "Direct-to-Consumer Shipping (Restricted)",
        "Professional Services (Restricted)",
        "Tax Invoicing (Restricted)",
        "Tax Remittance (Restricted)",
    }
