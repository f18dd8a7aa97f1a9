"""The control plane of RUM answers as AWS does."""

from __future__ import annotations

import json


def test_a_monitor_is_found_by_name(healthy, client_of):
    monitor = client_of(healthy, "rum").get_app_monitor(Name="shop-web")["AppMonitor"]
    assert monitor["Id"] == healthy.installation.monitor.id


def test_a_monitor_that_does_not_exist_is_a_404(healthy, client_of, error_of):
    call = client_of(healthy, "rum").get_app_monitor
    assert error_of(lambda: call(Name="nobody")) == ("ResourceNotFoundException", 404)


def test_a_monitor_is_not_found_in_another_region(healthy, client_of, error_of):
    call = client_of(healthy, "rum", region="us-east-1").get_app_monitor
    assert error_of(lambda: call(Name="shop-web")) == ("ResourceNotFoundException", 404)


def test_a_name_that_the_model_refuses_is_a_validation_error(healthy, client_of, error_of):
    call = client_of(healthy, "rum").get_app_monitor_data
    span = {"After": 1, "Before": 2}
    refused = error_of(lambda: call(Name="shop-web", TimeRange=span, NextToken="x"))
    assert refused == ("ValidationException", 400)


def test_no_resource_policy_is_a_404(healthy, client_of, error_of):
    call = client_of(healthy, "rum").get_resource_policy
    assert error_of(lambda: call(Name="shop-web")) == ("PolicyNotFoundException", 404)


def test_a_resource_policy_is_returned_as_it_was_put(sandbox_of, client_of):
    rum = client_of(sandbox_of(), "rum")
    text = json.dumps({"Statement": [{"Effect": "Allow", "Action": "rum:PutRumEvents"}]})
    rum.put_resource_policy(Name="shop-web", PolicyDocument=text)
    assert rum.get_resource_policy(Name="shop-web")["PolicyDocument"] == text


def test_a_resource_policy_of_other_actions_is_refused(healthy, client_of, error_of):
    text = json.dumps({"Statement": {"Effect": "Allow", "Action": "rum:*"}})
    call = client_of(healthy, "rum").put_resource_policy
    refused = error_of(lambda: call(Name="shop-web", PolicyDocument=text))
    assert refused == ("MalformedPolicyDocumentException", 400)


def test_a_deleted_monitor_is_gone(sandbox_of, client_of, error_of):
    rum = client_of(sandbox_of(), "rum")
    rum.delete_app_monitor(Name="shop-web")
    assert error_of(lambda: rum.get_app_monitor(Name="shop-web"))[1] == 404


def test_monitors_are_listed_page_by_page(client_of, sandbox_of):
    rum = client_of(sandbox_of(), "rum")
    rum.create_app_monitor(Name="another", Domain="another.example")
    pages = rum.get_paginator("list_app_monitors").paginate(PaginationConfig={"PageSize": 1})
    names = [each["Name"] for page in pages for each in page["AppMonitorSummaries"]]
    assert names == ["another", "shop-web"]


def test_a_monitor_without_configuration_samples_a_tenth(sandbox_of, client_of):
    rum = client_of(sandbox_of(), "rum")
    rum.create_app_monitor(Name="another", Domain="another.example")
    made = rum.get_app_monitor(Name="another")["AppMonitor"]
    assert made["AppMonitorConfiguration"]["SessionSampleRate"] == 0.1


def test_stored_events_are_filtered_by_type(healthy, client_of):
    wanted = "com.amazon.rum.page_view_event"
    found = client_of(healthy, "rum").get_app_monitor_data(
        Name="shop-web",
        TimeRange={"After": 1_772_400_000_000},
        Filters=[{"Name": "EventType", "Values": [wanted]}],
    )["Events"]
    assert {json.loads(text)["event_type"] for text in found} == {wanted}
