#include "daemon/docker/transfer_reader.h"

#include "absl/strings/strip.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/docker/json_fields.h"

namespace nopo {

absl::Status TransferReader::Read(absl::string_view json) {
  NOPO_ASSIGN_OR_RETURN(const boost::json::value line, ParseJson(json));
  std::string error = TextAt(line, {"errorDetail", "message"});
  if (error.empty()) error = TextAt(line, {"error"});
  if (!error.empty()) {
    return MakeError(absl::StatusCode::kInternal, Reason::kEngineFailed, error);
  }
  // A push says it in a line of its own, a pull among its messages.
  if (std::string pushed = TextAt(line, {"aux", "Digest"}); !pushed.empty()) digest_ = pushed;
  const std::string status = TextAt(line, {"status"});
  absl::string_view pulled = status;
  if (absl::ConsumePrefix(&pulled, "Digest: ")) digest_ = std::string(pulled);
  if (status.empty() || !observer_) return absl::OkStatus();
  observer_({.layer = TextAt(line, {"id"}),
             .message = status,
             .current = IntegerAt(line, {"progressDetail", "current"}),
             .total = IntegerAt(line, {"progressDetail", "total"})});
  return absl::OkStatus();
}

}  // namespace nopo
