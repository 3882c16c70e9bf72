#include "daemon/rpc/status_translation.h"

#include <string>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/error.h"
#include "common/utf8.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "nopo/v1/event.pb.h"

namespace nopo {
namespace {

google::rpc::ErrorInfo ErrorInfoOf(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  info.set_domain("nopo");
  const absl::string_view reason = ReasonName(ReasonOf(status));
  info.set_reason(std::string(reason));
  (*info.mutable_metadata())["exit_code"] = absl::StrCat(ExitCodeOf(status));
  return info;
}

// One violation for each line "file:line:column: what".
google::rpc::BadRequest ViolationsOf(const absl::Status& status) {
  google::rpc::BadRequest request;
  for (const absl::string_view line : absl::StrSplit(status.message(), '\n')) {
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(": ", 1));
    if (parts.size() != 2) continue;
    google::rpc::BadRequest::FieldViolation* violation = request.add_field_violations();
    violation->set_field(ValidUtf8(parts[0]));
    violation->set_description(ValidUtf8(parts[1]));
  }
  return request;
}

constexpr char kEventsPayload[] = "nopo.v1.EventList";

}  // namespace

absl::Status WithEvents(absl::Status status, const v1::EventList& events) {
  if (events.events_size() > 0) {
    status.SetPayload(kEventsPayload, absl::Cord(events.SerializeAsString()));
  }
  return status;
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(status.code()));
  // It may quote what anybody wrote.
  wire.set_message(ValidUtf8(status.message()));
  wire.add_details()->PackFrom(ErrorInfoOf(status));
  if (ReasonOf(status) == Reason::kConfiguration) {
    wire.add_details()->PackFrom(ViolationsOf(status));
  }
  google::rpc::Help help;
  for (const std::string& hint : HintsOf(status)) {
    help.add_links()->set_description(ValidUtf8(hint));
  }
  if (help.links_size() > 0) wire.add_details()->PackFrom(help);
  if (const absl::optional<absl::Cord> payload = status.GetPayload(kEventsPayload)) {
    v1::EventList events;
    if (events.ParseFromString(std::string(*payload))) wire.add_details()->PackFrom(events);
  }
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), wire.message(),
                      wire.SerializeAsString());
}

}  // namespace nopo
