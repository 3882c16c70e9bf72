#include "daemon/project/git_command.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/cancellation.h"
#include "common/program.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

// The caller's environment without what would point git at another repository, and with what keeps
// it quiet and its messages in English.
std::vector<std::string> GitEnvironment(const EnvironmentMap& caller) {
  std::vector<std::string> environment = {"GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0",
                                          "LC_ALL=C"};
  for (const auto& [name, value] : caller) {
    if (!absl::StartsWith(name, "GIT_") && name != "LC_ALL") {
      environment.push_back(absl::StrCat(name, "=", value));
    }
  }
  return environment;
}

// The program as the caller's shell would find it; "" when it would not.
std::string FindGit(const EnvironmentMap& environment) {
  const auto path = environment.find("PATH");
  return FindProgram("git", path == environment.end() ? "/usr/bin:/bin" : path->second);
}

}  // namespace

absl::StatusOr<std::string> RunGit(const GitDirectory& dir,
                                   const std::vector<std::string>& arguments) {
  const std::string git = FindGit(dir.environment);
  if (git.empty()) return absl::NotFoundError("there is no program 'git'");
  ProgramCall call{
      .arguments = {git, "--no-pager", "-C", dir.path.native(), "-c", "core.fsmonitor=false"},
      .environment = GitEnvironment(dir.environment)};
  call.arguments.insert(call.arguments.end(), arguments.begin(), arguments.end());
  const Cancellation never;
  NOPO_ASSIGN_OR_RETURN(const ProgramOutcome outcome, RunProgram(call, never));
  if (outcome.exit_code == 0) return outcome.out;
  return absl::FailedPreconditionError(absl::StripAsciiWhitespace(outcome.err));
}

}  // namespace nopo
