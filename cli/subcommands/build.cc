#include <filesystem>

#include "cli/caller.h"
#include "cli/subcommands/dockerfile_options.h"
#include "cli/subcommands/operation.h"
#include "cli/subcommands/subcommands.h"
#include "common/status_macros.h"
#include "nopo/v1/build.grpc.pb.h"

namespace nopo {
namespace {

absl::Status FillRequest(const Arguments& arguments, v1::BuildRequest& request) {
  NOPO_RETURN_IF_ERROR(FillCaller(arguments, *request.mutable_caller()));
  FillSelection(arguments, *request.mutable_selection());
  FillExecution(arguments, *request.mutable_execution());
  request.set_no_cache(arguments.build.no_cache);
  request.set_pull(arguments.build.pull);
  request.set_push(arguments.build.push);
  for (const std::string& cache : arguments.build.cache_from) request.add_cache_from(cache);
  for (const std::string& cache : arguments.build.cache_to) request.add_cache_to(cache);
  request.set_print(arguments.build.print);
  FillDockerfileOptions(arguments.build, request);
  if (!arguments.build.output.empty()) {
    // The daemon has another working directory.
    request.set_output_file(std::filesystem::absolute(arguments.build.output).string());
  }
  return absl::OkStatus();
}

}  // namespace

int RunBuild(const Invocation& invocation) {
  v1::BuildRequest request;
  const absl::Status filled = FillRequest(invocation.arguments, request);
  if (!filled.ok()) return Conclude(invocation, filled);
  return RunOperation<v1::BuildResponse>(
      invocation, {.title = "build"}, [&](const auto& channel, auto& context) {
        return v1::BuildService::NewStub(channel)->Build(&context, request);
      });
}

}  // namespace nopo
