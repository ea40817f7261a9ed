"""The table of faults: each has the tests that show how it is survived, wherever they are."""

from named_tests import missing

PLUGINS = "tests/faults/test_faults_15_16_19_20_plugins.py"
LOADING = "tests/faults/test_faults_22_23_loading.py"
FLOOD = "tests/faults/test_fault_25_flood.py"
VOTES = "tests/faults/test_faults_27_28_votes.py"
PAYLOADS = "tests/faults/test_faults_30_32_payloads.py"
NAMES = "tests/faults/test_fault_35_names.py"
CIRCLES = "tests/faults/test_faults_41_42_circles.py"
SIGNALS = "tests/faults/test_fault_46_signals.py"
BOUNDARY = "tests/core/test_boundary.py"
REACT = "tests/plugins/reasoning/test_react.py"

STORAGE = "tests/storage"

FAULTS: dict[int, tuple[str, tuple[str, ...]]] = {
    1: ("the process is killed while messages flow", (
        "tests/crash/test_kills.py::test_what_was_acknowledged_outlives_the_kills",
        "tests/crash/test_kills.py::test_a_workload_that_acknowledges_too_early_is_found_out",
        f"{STORAGE}/test_processes.py"
        "::test_nothing_acknowledged_is_lost_when_the_process_is_killed",
    )),
    3: ("the process is killed between an effect and its record", (
        "tests/crash/test_kills.py::test_what_was_acknowledged_outlives_the_kills",
    )),
    6: ("another process keeps the store locked", (
        f"{STORAGE}/test_disk.py::test_a_store_that_is_locked_for_a_while_is_waited_for",
        f"{STORAGE}/test_disk.py"
        "::test_a_store_that_stays_locked_is_an_error_that_names_who_keeps_it",
        f"{STORAGE}/test_disk.py::test_a_full_disk_costs_the_unit_and_nothing_else",
    )),
    7: ("two kernels want one store", (
        f"{STORAGE}/test_processes.py::test_a_second_kernel_is_refused_by_the_pid_of_the_first",
        f"{STORAGE}/test_processes.py::test_one_process_cannot_open_a_store_twice",
    )),
    9: ("a folder or file can't be written", (
        f"{STORAGE}/test_permissions.py::test_a_store_in_a_folder_of_somebody_else_is_refused",
        f"{STORAGE}/test_permissions.py::test_a_file_that_cannot_be_written_is_refused_at_opening",
    )),
    10: ("a store is cut off, empty, damaged, or lost its log", (
        f"{STORAGE}/test_opening.py::test_a_damaged_file_is_refused_and_left_alone",
        f"{STORAGE}/test_lost_log.py::test_a_log_that_was_deleted_is_missed",
    )),
    13: ("a newer version wrote the store", (
        f"{STORAGE}/test_opening.py::test_a_newer_version_is_refused_by_both_numbers",
    )),
    15: ("a plugin raises", (
        f"{PLUGINS}::test_a_strategy_that_fails_costs_its_calls_and_is_counted",
        f"{PLUGINS}::test_an_agent_that_is_broken_costs_its_message_and_no_other",
        f"{BOUNDARY}::test_whatever_plugin_code_raises_becomes_one_typed_error",
        "tests/core/test_plugin_manager.py::test_a_broken_plugin_costs_only_itself_and_says_why",
    )),
    16: ("a plugin hangs, or swallows its cancellation, or blocks the loop", (
        f"{PLUGINS}::test_a_strategy_that_hangs_is_stopped_at_its_limit_and_in_the_end_not_called",
        f"{PLUGINS}::test_a_strategy_that_swallows_its_cancellation_is_left_behind_and_named",
        f"{BOUNDARY}::test_a_call_that_refuses_to_stop_is_left_behind_and_named",
        f"{BOUNDARY}::test_failures_in_a_row_quarantine_and_name_the_last_error",
        "tests/core/test_watchdog.py::test_a_plugin_that_really_blocks_is_named_while_it_does",
    )),
    19: ("a plugin returns nonsense", (
        f"{PLUGINS}::test_a_strategy_that_returns_nonsense_costs_its_calls",
        f"{PLUGINS}::test_a_router_that_is_broken_costs_the_messages_that_need_it",
        f"{PLUGINS}::test_an_allocator_that_is_broken_is_an_error_that_names_it",
        f"{BOUNDARY}::test_a_wrong_return_is_an_error_that_names_both_types",
        "tests/core/test_reasoning.py::test_what_a_tool_returns_is_not_trusted",
    )),
    20: ("a plugin exits, interrupts, or raises what nobody catches", (
        f"{PLUGINS}::test_a_strategy_that_fails_costs_its_calls_and_is_counted",
        f"{BOUNDARY}::test_whatever_plugin_code_raises_becomes_one_typed_error",
        f"{BOUNDARY}::test_a_call_that_cancels_itself_is_a_failure_not_a_cancellation",
    )),
    22: ("a plugin breaks at import", (
        f"{LOADING}::test_a_plugin_that_breaks_at_import_is_listed_as_failed_and_the_rest_loads",
        "tests/console/cli/test_plugins.py::test_a_broken_plugin_costs_nothing_but_itself",
    )),
    23: ("two plugins have one name, or a hook is misspelt", (
        "tests/core/test_plugin_manager.py::test_an_entry_point_can_not_take_a_bundled_name",
        "tests/core/test_plugin_manager.py::test_a_name_that_is_taken_is_refused_naming_both",
        "tests/core/test_plugin_manager.py::test_a_broken_plugin_costs_only_itself_and_says_why",
        f"{LOADING}::test_a_hook_that_never_ends_is_refused",
    )),
    25: ("a plugin floods", (
        f"{FLOOD}::test_a_flood_is_refused_above_the_rate_and_memory_is_flat",
        f"{FLOOD}::test_a_flooder_waits_for_room_and_the_mailbox_stays_bounded",
        f"{FLOOD}::test_another_sender_waits_for_one_message_of_each_flooder_not_for_the_flood",
        f"{FLOOD}::test_a_flood_does_not_keep_other_agents_from_their_turn",
        f"{FLOOD}::test_a_million_messages_leave_memory_as_it_was",
    )),
    27: ("an agent leaves in the middle of a vote", (
        f"{VOTES}::test_an_agent_that_leaves_in_the_middle_of_a_vote_is_noted_and_quorum_applies",
        "tests/core/test_election.py"
        "::test_a_voter_that_does_not_answer_is_late_and_nobody_waits_longer",
    )),
    28: ("a figure is none", (
        f"{VOTES}::test_a_bid_that_is_no_figure_is_refused_and_another_wins",
        f"{VOTES}::test_a_confidence_that_is_none_is_refused_with_its_field",
        f"{VOTES}::test_a_figure_from_another_process_is_a_number_or_refused",
        "tests/core/test_election.py"
        "::test_a_confidence_that_is_no_number_in_its_range_is_refused",
    )),
    30: ("a payload is huge or deep", (
        f"{PAYLOADS}::test_a_payload_of_100_mb_is_refused_before_it_is_copied",
        f"{PAYLOADS}::test_a_payload_that_is_too_deep_is_refused",
    )),
    32: ("text is hostile", (
        f"{PAYLOADS}::test_any_text_travels_as_it_is_or_is_refused_with_a_reason",
        f"{PAYLOADS}::test_hostile_text_comes_out_of_the_store_as_it_went_in",
        f"{PAYLOADS}::test_a_surrogate_is_refused_by_the_store_with_its_place",
        "tests/storage/test_reader.py::test_whatever_text_comes_goes_out_the_same",
    )),
    34: ("text is markup", (
        "tests/console/screens/test_hostile_text.py::test_hostile_text_is_shown_as_text",
        "tests/console/test_view_safety.py"
        "::test_texts_of_the_store_are_made_safe_wherever_they_are_shown",
        "tests/main_job/test_reports.py::test_the_page_shows_hostile_data_as_text",
    )),
    35: ("a name is SQL or a path", (
        f"{NAMES}::test_columns_with_any_name_come_through_the_whole_job",
        f"{NAMES}::test_files_with_any_name_come_through_the_whole_job",
        "tests/plugins/data/reading/test_staging.py::test_a_data_set_never_names_a_path",
    )),
    38: ("a model answers nonsense", (
        f"{REACT}::test_what_does_not_validate_is_shown_to_the_model_and_never_done",
        f"{REACT}::test_after_its_repairs_the_rules_take_over_for_that_step_and_the_step_says_so",
        f"{REACT}::test_nonsense_of_a_model_is_no_answer",
        f"{REACT}::test_a_model_that_gives_no_answer_leaves_the_rest_to_the_rules",
    )),
    41: ("agents delegate in circles", (
        f"{CIRCLES}::test_a_delegation_that_comes_round_is_an_error_that_names_the_way",
        "tests/core/test_delivery.py::test_a_circle_of_messages_is_named",
    )),
    42: ("messages storm", (
        f"{CIRCLES}::test_a_storm_of_fifty_agents_ends_and_leaves_nothing_behind",
        "tests/core/test_mailbox.py::test_a_storm_ends",
    )),
    43: ("a recipient is unknown, a message doubled or late", (
        "tests/core/test_hub.py::test_an_unknown_recipient_is_a_receipt_that_names_the_nearest",
        "tests/core/test_delivery.py::test_a_duplicate_is_answered_from_record",
        "tests/core/test_hub.py::test_an_expired_message_is_not_delivered",
    )),
    46: ("a signal comes", (
        f"{SIGNALS}"
        "::test_sigterm_lets_the_task_under_way_end_starts_no_other_and_exits_with_0",
        f"{SIGNALS}::test_a_task_that_does_not_end_gets_its_grace_and_no_more",
        f"{SIGNALS}::test_a_second_signal_ends_it_at_once",
        f"{SIGNALS}::test_without_a_signal_too_the_process_ends_beside_what_does_not",
        f"{SIGNALS}::test_a_signal_during_commits_loses_nothing_that_was_acknowledged",
    )),
    48: ("many consoles are attached, and one stops reading", (
        f"{STORAGE}/test_log.py::test_the_log_stays_short_beside_twenty_consoles",
        f"{STORAGE}/test_log.py"
        "::test_a_reader_that_is_stopped_inside_a_read_blocks_nobody_and_is_named",
    )),
}  # fmt: skip
"""Number of a fault → what happens, and the tests that show what is made of it."""

WITHOUT_A_NUMBER = (
    "tests/faults/test_clock_jumps.py"
    "::test_a_handler_is_stopped_after_its_seconds_no_sooner_and_no_later",
    "tests/faults/test_clock_jumps.py::test_ids_stay_unique_and_in_order_whatever_the_clock_does",
)


def test_every_fault_has_its_tests():
    named = [test for _, tests in FAULTS.values() for test in tests]
    assert missing([*named, *WITHOUT_A_NUMBER]) == []
    assert all(tests for _, tests in FAULTS.values())


def test_a_test_that_is_gone_is_missed():
    here = "tests/faults/test_faults.py"
    gone = [f"{here}::test_nothing", "tests/nowhere.py::test_every_fault_has_its_tests"]
    assert missing([f"{here}::test_every_fault_has_its_tests", *gone]) == gone
