#include "cli/caller.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/runtime_paths.h"
#include "common/utf8.h"
#include "nopo/v1/request.pb.h"

namespace nopo {
namespace {

// The kernel tells a process its umask only when it sets another.
mode_t ReadUmask() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return mask;
}

void FillEnvironment(google::protobuf::Map<std::string, std::string>& environment) {
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
    const absl::string_view variable = *entry;
    const size_t equals = variable.find('=');
    if (equals == absl::string_view::npos || equals == 0) continue;
    // A name that is no text cannot travel, and no shell can use it.
    if (ValidUtf8(variable.substr(0, equals)) != variable.substr(0, equals)) continue;
    environment[std::string(variable.substr(0, equals))] = std::string(variable.substr(equals + 1));
  }
}

}  // namespace

absl::Status FillCaller(const Arguments& arguments, v1::Caller& caller) {
  std::error_code error;
  const std::filesystem::path working_dir = std::filesystem::current_path(error);
  if (error) {
    return MakeError(absl::StatusCode::kNotFound, Reason::kConfiguration,
                     absl::StrCat("cannot tell the working directory: ", error.message()));
  }
  caller.set_working_dir(working_dir.string());
  const std::string project =
      arguments.project.empty() ? ReadProcessEnvironment("ROOT_DIR") : arguments.project;
  if (!project.empty()) {
    caller.set_project_dir((working_dir / project).lexically_normal().string());
  }
  FillEnvironment(*caller.mutable_environment());
  caller.set_umask(ReadUmask());
  caller.set_report_phases(!arguments.display.trace.empty());
  return absl::OkStatus();
}

void FillSelection(const Arguments& arguments, v1::Selection& selection) {
  for (const std::string& target : arguments.words) selection.add_targets(target);
  for (const std::string& filter : arguments.selection.filters) selection.add_filters(filter);
  for (const std::string& tag : arguments.selection.tags) selection.add_tags(tag);
  selection.set_since(arguments.selection.since);
}

void FillExecution(const Arguments& arguments, v1::Execution& execution) {
  execution.set_jobs(arguments.execution.jobs);
  execution.set_dry_run(arguments.execution.dry_run);
  execution.set_fail_fast(arguments.execution.fail_fast);
}

}  // namespace nopo
