#include "cli/subcommands/up_request.h"

#include "cli/caller.h"
#include "common/status_macros.h"
#include "nopo/v1/lifecycle.pb.h"

namespace nopo {

namespace {

v1::SyncMode SyncModeOf(const std::string& name) {
  if (name == "offline") return v1::SYNC_MODE_OFFLINE;
  if (name == "online") return v1::SYNC_MODE_ONLINE;
  return name == "skip" ? v1::SYNC_MODE_SKIP : v1::SYNC_MODE_UNSPECIFIED;
}

}  // namespace

absl::Status FillUpRequest(const Arguments& arguments, v1::UpRequest& request) {
  NOPO_RETURN_IF_ERROR(FillCaller(arguments, *request.mutable_caller()));
  FillSelection(arguments, *request.mutable_selection());
  FillExecution(arguments, *request.mutable_execution());
  request.set_no_deps(arguments.up.no_deps);
  request.set_no_wait(arguments.up.no_wait);
  request.set_build(arguments.up.build);
  request.set_pull(arguments.up.pull);
  if (arguments.up.timeout_seconds > 0) {
    const auto whole = static_cast<int64_t>(arguments.up.timeout_seconds);
    const double fraction = arguments.up.timeout_seconds - static_cast<double>(whole);
    request.mutable_timeout()->set_seconds(whole);
    request.mutable_timeout()->set_nanos(static_cast<int32_t>(fraction * 1e9));
  }
  request.set_sync(SyncModeOf(arguments.up.sync));
  for (const auto& [name, count] : arguments.up.scale) (*request.mutable_scale())[name] = count;
  return absl::OkStatus();
}

}  // namespace nopo
