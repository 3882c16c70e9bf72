#include "cli/subcommands/describe.h"

#include <filesystem>

#include "absl/time/clock.h"
#include "cli/call.h"
#include "cli/caller.h"
#include "common/status_macros.h"
#include "nopo/v1/project.grpc.pb.h"

namespace nopo {

bool MayHaveProject(const Arguments& arguments) {
  if (!arguments.project.empty() || !ReadProcessEnvironment("ROOT_DIR").empty()) return true;
  std::error_code error;
  std::filesystem::path dir = std::filesystem::current_path(error);
  while (!error && !dir.empty()) {
    if (std::filesystem::exists(dir / "nopo.yml", error)) return true;
    if (dir == dir.root_path()) return false;
    dir = dir.parent_path();
  }
  return false;
}

absl::StatusOr<v1::DescribeProjectResponse> DescribeProject(const Arguments& arguments,
                                                            DaemonConnection& daemon) {
  v1::DescribeProjectRequest request;
  v1::DescribeProjectResponse response;
  NOPO_RETURN_IF_ERROR(FillCaller(arguments, *request.mutable_caller()));
  NOPO_RETURN_IF_ERROR(CallDaemon(daemon, Cancellation(), [&](const auto& channel, auto& context) {
    return v1::ProjectService::NewStub(channel)->DescribeProject(&context, request, &response);
  }));
  daemon.observation().Receive(response.events());
  return response;
}

absl::StatusOr<v1::DescribeProjectResponse> DescribeProjectWithin(absl::Duration limit,
                                                                  const Arguments& arguments,
                                                                  DaemonConnection& daemon) {
  const absl::Time deadline = absl::Now() + limit;
  v1::DescribeProjectRequest request;
  v1::DescribeProjectResponse response;
  NOPO_RETURN_IF_ERROR(FillCaller(arguments, *request.mutable_caller()));
  NOPO_RETURN_IF_ERROR(daemon.Connect());
  NOPO_RETURN_IF_ERROR(CallRunningDaemon(daemon, [&](const auto& channel, auto& context) {
    context.set_deadline(absl::ToChronoTime(deadline));
    return v1::ProjectService::NewStub(channel)->DescribeProject(&context, request, &response);
  }));
  return response;
}

}  // namespace nopo
