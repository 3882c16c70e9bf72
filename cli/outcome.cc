#include "cli/outcome.h"

#include <grpcpp/support/status.h>

#include "absl/strings/numbers.h"
#include "common/error.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "nopo/v1/event.pb.h"

namespace nopo {
namespace {

constexpr absl::string_view kDomain = "nopo";

absl::Status WithErrorInfo(absl::Status status, const google::rpc::ErrorInfo& error) {
  if (error.domain() != kDomain) return status;
  const auto exit_code = error.metadata().find("exit_code");
  int code = 0;
  if (exit_code != error.metadata().end() && absl::SimpleAtoi(exit_code->second, &code)) {
    status = WithTaskExitCode(std::move(status), code);
  }
  return WithReason(std::move(status), ReasonFromName(error.reason()));
}

absl::Status WithHelp(absl::Status status, const google::rpc::Help& help) {
  for (const auto& link : help.links()) {
    const std::string& text = link.description().empty() ? link.url() : link.description();
    status = WithHint(std::move(status), text);
  }
  return status;
}

absl::Status BrokenCall() {
  return MakeError(absl::StatusCode::kUnavailable, Reason::kEngineUnavailable,
                   "the daemon (nopod) went away in the middle of the call",
                   {"run the command again; `nopo daemon logs` may tell what happened"});
}

// gRPC's own UNIMPLEMENTED: the daemon does not know the call, or its answer cannot be parsed.
absl::Status NotUnderstood() {
  return MakeError(absl::StatusCode::kUnimplemented, Reason::kEngineUnavailable,
                   "the daemon (nopod) and nopo do not understand each other",
                   {"`nopo daemon restart` starts the daemon that belongs to this nopo"});
}

}  // namespace

v1::EventList EventsOf(const grpc::Status& status) {
  google::rpc::Status details;
  v1::EventList events;
  if (status.ok() || !details.ParseFromString(status.error_details())) return events;
  for (const google::protobuf::Any& detail : details.details()) {
    if (detail.UnpackTo(&events)) break;
  }
  return events;
}

absl::Status OutcomeOf(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status details;
  const bool has_details =
      !status.error_details().empty() && details.ParseFromString(status.error_details());
  // The daemon's own errors always say why; without details they are gRPC's.
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE && !has_details) return BrokenCall();
  if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED && !has_details) {
    return NotUnderstood();
  }

  absl::Status outcome(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  for (const google::protobuf::Any& detail : details.details()) {
    google::rpc::ErrorInfo error;
    google::rpc::Help help;
    if (detail.UnpackTo(&error)) outcome = WithErrorInfo(std::move(outcome), error);
    if (detail.UnpackTo(&help)) outcome = WithHelp(std::move(outcome), help);
  }
  return outcome;
}

}  // namespace nopo
