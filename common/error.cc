#include "common/error.h"

#include <array>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace nopo {
namespace {

constexpr absl::string_view kReasonPayload = "nopo/reason";
constexpr absl::string_view kHintsPayload = "nopo/hints";  // One hint a line.
constexpr absl::string_view kExitCodePayload = "nopo/exit-code";

constexpr std::array<std::pair<Reason, absl::string_view>, 13> kReasonNames = {{
    {Reason::kTaskFailed, "TASK_FAILED"},
    {Reason::kUnknownCommand, "UNKNOWN_COMMAND"},
    {Reason::kBadArguments, "BAD_ARGUMENTS"},
    {Reason::kConfiguration, "CONFIGURATION"},
    {Reason::kEngineUnavailable, "ENGINE_UNAVAILABLE"},
    {Reason::kEngineFailed, "ENGINE_FAILED"},
    {Reason::kBuildFailed, "BUILD_FAILED"},
    {Reason::kServiceFailed, "SERVICE_FAILED"},
    {Reason::kPortTaken, "PORT_TAKEN"},
    {Reason::kNetwork, "NETWORK"},
    {Reason::kPermission, "PERMISSION"},
    {Reason::kInterrupted, "INTERRUPTED"},
    {Reason::kVersionMismatch, "VERSION_MISMATCH"},
}};

Reason ReasonFromCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kCancelled:
      return Reason::kInterrupted;
    case absl::StatusCode::kPermissionDenied:
      return Reason::kPermission;
    case absl::StatusCode::kInvalidArgument:
      return Reason::kBadArguments;
    case absl::StatusCode::kUnavailable:
      return Reason::kEngineUnavailable;
    default:
      return Reason::kUnspecified;
  }
}

}  // namespace

absl::string_view ReasonName(Reason reason) {
  for (const auto& [value, name] : kReasonNames) {
    if (value == reason) return name;
  }
  return "UNSPECIFIED";
}

Reason ReasonFromName(absl::string_view name) {
  for (const auto& [value, known] : kReasonNames) {
    if (known == name) return value;
  }
  return Reason::kUnspecified;
}

absl::Status MakeError(absl::StatusCode code, Reason reason, absl::string_view message,
                       const std::vector<std::string>& hints) {
  absl::Status status(code, message);
  status.SetPayload(kReasonPayload, absl::Cord(ReasonName(reason)));
  if (!hints.empty()) status.SetPayload(kHintsPayload, absl::Cord(absl::StrJoin(hints, "\n")));
  return status;
}

absl::Status WithReason(absl::Status status, Reason reason) {
  if (!status.ok() && !status.GetPayload(kReasonPayload).has_value()) {
    status.SetPayload(kReasonPayload, absl::Cord(ReasonName(reason)));
  }
  return status;
}

absl::Status WithHint(absl::Status status, absl::string_view hint) {
  if (status.ok()) return status;
  std::vector<std::string> hints = HintsOf(status);
  hints.emplace_back(hint);
  status.SetPayload(kHintsPayload, absl::Cord(absl::StrJoin(hints, "\n")));
  return status;
}

absl::Status WithPrefix(const absl::Status& status, absl::string_view prefix) {
  if (status.ok()) return status;
  absl::Status result(status.code(), absl::StrCat(prefix, status.message()));
  status.ForEachPayload(
      [&](absl::string_view url, const absl::Cord& payload) { result.SetPayload(url, payload); });
  return result;
}

absl::Status WithTaskExitCode(absl::Status status, int exit_code) {
  if (!status.ok()) status.SetPayload(kExitCodePayload, absl::Cord(absl::StrCat(exit_code)));
  return status;
}

Reason ReasonOf(const absl::Status& status) {
  if (const auto payload = status.GetPayload(kReasonPayload)) {
    return ReasonFromName(std::string(*payload));
  }
  return ReasonFromCode(status.code());
}

std::vector<std::string> HintsOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kHintsPayload);
  if (!payload.has_value()) return {};
  return absl::StrSplit(std::string(*payload), '\n');
}

std::optional<int> TaskExitCodeOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kExitCodePayload);
  int code = 0;
  if (!payload.has_value() || !absl::SimpleAtoi(std::string(*payload), &code)) return std::nullopt;
  return code;
}

int ExitCodeOf(const absl::Status& status) {
  if (status.ok()) return kExitOk;
  if (const auto code = TaskExitCodeOf(status); code.has_value() && *code != 0) return *code;
  switch (ReasonOf(status)) {
    case Reason::kUnknownCommand:
      return kExitUnknownCommand;
    case Reason::kBadArguments:
      return kExitBadArguments;
    case Reason::kConfiguration:
      return kExitConfiguration;
    case Reason::kEngineUnavailable:
    case Reason::kEngineFailed:
    case Reason::kBuildFailed:
    case Reason::kServiceFailed:
    case Reason::kPortTaken:
      return kExitEngine;
    case Reason::kNetwork:
      return kExitNetwork;
    case Reason::kPermission:
      return kExitPermission;
    case Reason::kInterrupted:
      return kExitInterrupted;
    case Reason::kUnspecified:
    case Reason::kTaskFailed:
    case Reason::kVersionMismatch:
      return kExitTaskFailed;
  }
  return kExitTaskFailed;
}

}  // namespace nopo
