"""The worker's process: what is its own."""

from __future__ import annotations

from tocsin.service.settings import Settings
from tocsin.service.supervisor import RoleOrder
from tocsin.service.worker_role import with_own_instance


def instances(settings: Settings) -> list[str]:
    orders = [RoleOrder(role="worker", index=n, bootstrap="127.0.0.1:1", settings=settings) for n in (2, 3)]
    return [with_own_instance(order).instance for order in orders]


def test_two_workers_of_a_tree_never_share_a_static_member_name() -> None:
    assert instances(Settings(instance="rack-a")) == ["rack-a-2", "rack-a-3"]


def test_without_a_name_membership_stays_dynamic() -> None:
    assert instances(Settings()) == ["", ""]
