#include "daemon/docker/pull_progress.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/docker/json_fields.h"

namespace nopo {

absl::Status ReadPullLine(absl::string_view json,
                          const std::function<void(absl::string_view)>& progress) {
  NOPO_ASSIGN_OR_RETURN(const boost::json::value line, ParseJson(json));
  std::string error = TextAt(line, {"errorDetail", "message"});
  if (error.empty()) error = TextAt(line, {"error"});
  if (!error.empty()) {
    return MakeError(absl::StatusCode::kInternal, Reason::kEngineFailed, error);
  }
  const std::string status = TextAt(line, {"status"});
  const bool moves_bar = !FieldAt(line, {"progressDetail", "current"}).is_null();
  if (status.empty() || moves_bar || !progress) return absl::OkStatus();
  const std::string id = TextAt(line, {"id"});
  progress(id.empty() ? status : absl::StrCat(id, ": ", status));
  return absl::OkStatus();
}

}  // namespace nopo
