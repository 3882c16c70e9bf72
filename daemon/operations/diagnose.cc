#include "daemon/operations/diagnose.h"

#include <unistd.h>

#include <fstream>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/operations/build_settings.h"
#include "daemon/project/git_command.h"

namespace nopo {
namespace {

constexpr uint64_t kLeastFreeBytes = 200'000'000;
// What old kernels allow by default is too little for a monorepo; new ones allow a hundred times
// that.
constexpr int64_t kLeastWatches = 8193;
constexpr char kWatchLimitFile[] = "/proc/sys/fs/inotify/max_user_watches";

// A check that failed with `status`: what it says, and its hints or else `remedy`.
Check Failed(std::string name, const absl::Status& status, absl::string_view remedy) {
  const std::vector<std::string> hints = HintsOf(status);
  return {.name = std::move(name),
          .ok = false,
          .detail = std::string(status.message()),
          .remedy = hints.empty() ? std::string(remedy) : absl::StrJoin(hints, "; ")};
}

absl::StatusOr<std::string> EngineVersionText(EngineSession& session, const Cancellation& c) {
  NOPO_ASSIGN_OR_RETURN(const EngineIdentity identity, session.Identity(c));
  return absl::StrCat(identity.version, " (API ", identity.api_version, ")");
}

// Where images are built instead of in the engine; empty when nobody asked for that.
std::optional<Check> CheckBuildkitElsewhere(const Workspace& workspace, const Caller& caller,
                                            EngineSession* session, EventSink& events,
                                            const Cancellation& cancellation) {
  const absl::StatusOr<BuildkitClient*> buildkit =
      FindBuildkitElsewhere(Settings(caller.environment, {}), workspace.engines, session, events);
  if (!buildkit.ok()) {
    return Failed("buildkit", buildkit.status(), "unset BUILDKIT_HOST or DOCKER_BUILDER");
  }
  if (*buildkit == nullptr) return std::nullopt;
  const absl::Status asked = (*buildkit)->Capabilities(cancellation).status();
  if (!asked.ok()) {
    return Failed("buildkit", asked,
                  "unset BUILDKIT_HOST or DOCKER_BUILDER, or start buildkitd there");
  }
  return Check{.name = "buildkit", .detail = (*buildkit)->address().ToString()};
}

void CheckEngine(const Workspace& workspace, const Caller& caller, EventSink& events,
                 const Cancellation& cancellation, std::vector<Check>& checks) {
  const absl::StatusOr<EngineSession*> session = workspace.engines.For(caller);
  const std::optional<Check> elsewhere =
      CheckBuildkitElsewhere(workspace, caller, session.value_or(nullptr), events, cancellation);
  if (!session.ok()) {
    checks.push_back(JudgeEngine("", session.status()));
    checks.push_back(elsewhere.has_value() ? *elsewhere : JudgeBuildkit(session.status()));
    return;
  }
  const EngineChoice& choice = (*session)->choice;
  checks.push_back(JudgeEngine(absl::StrCat(choice.endpoint.ToString(), " (", choice.source, ")"),
                               EngineVersionText(**session, cancellation)));
  checks.push_back(elsewhere.has_value() ? *elsewhere
                                         : JudgeBuildkit((*session)->engine.Ping(cancellation)));
}

Check CheckGit(const Caller& caller) {
  const absl::StatusOr<std::string> version = RunGit({"/", caller.environment}, {"--version"});
  if (!version.ok()) {
    return Failed("git", version.status(),
                  "install git: --since, `changed` and the GIT_* variables come from it");
  }
  return {.name = "git", .detail = std::string(absl::StripAsciiWhitespace(*version))};
}

Check CheckDisk(const std::filesystem::path& dir) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(dir, error);
  return JudgeDisk(dir, ::access(dir.c_str(), W_OK) == 0, error ? 0 : space.available);
}

Check CheckWatchLimit() {
  std::ifstream file(kWatchLimitFile);
  std::string limit;
  std::getline(file, limit);
  return JudgeWatchLimit(limit);
}

}  // namespace

Check JudgeEngine(const std::string& endpoint, const absl::StatusOr<std::string>& version) {
  if (!version.ok()) {
    return Failed(
        "engine", version.status(),
        ReasonOf(version.status()) == Reason::kPermission
            ? "let this user use the engine's socket, e.g. `sudo usermod -aG docker $USER`"
            : "start Docker, or set DOCKER_HOST or DOCKER_CONTEXT to an engine that runs");
  }
  return {.name = "engine", .detail = absl::StrCat("Docker ", *version, " at ", endpoint)};
}

Check JudgeBuildkit(const absl::StatusOr<EngineVersion>& engine) {
  if (!engine.ok()) {
    return {.name = "buildkit",
            .ok = false,
            .detail = "unknown without an engine",
            .remedy = "see to the engine first"};
  }
  if (engine->ApiAtLeast(1, 39) && engine->os != "windows") {
    return {.name = "buildkit", .detail = "part of the engine"};
  }
  return {.name = "buildkit",
          .ok = false,
          .detail = absl::StrCat("the engine is too old or not for Linux (", engine->server, ")"),
          .remedy = "use an engine of release 18.09 or later that runs Linux containers"};
}

Check JudgeProject(const absl::StatusOr<OpenedProject>& opened) {
  if (opened.ok()) {
    const Project& project = *opened->project;
    std::string detail = absl::StrCat(project.name, " in ", project.root.string(), ", ",
                                      project.ListedCount(), " target(s)");
    if (!project.warnings.empty()) {  // Nothing that keeps nopo from working.
      absl::StrAppend(&detail, ", ", project.warnings.size(),
                      " warning(s) of `nopo list --validate`");
    }
    return {.name = "project", .detail = std::move(detail)};
  }
  // Nothing is wrong with being elsewhere.
  if (absl::IsNotFound(opened.status())) return {.name = "project", .detail = "none here"};
  return Failed("project", opened.status(), "`nopo list --validate` shows all mistakes");
}

Check JudgeDisk(const std::filesystem::path& dir, bool writable, uint64_t free_bytes) {
  Check check{.name = "state", .detail = dir.string()};
  if (!writable) {
    check.ok = false;
    absl::StrAppend(&check.detail, " cannot be written");
    check.remedy = "give it to this user, or set XDG_STATE_HOME to another folder";
  } else if (free_bytes < kLeastFreeBytes) {
    check.ok = false;
    absl::StrAppendFormat(&check.detail, " has only %d MB left", free_bytes / 1'000'000);
    check.remedy = "free some space";
  }
  return check;
}

Check JudgeWatchLimit(const std::string& limit) {
  int64_t watches = 0;
  if (!absl::SimpleAtoi(limit, &watches)) return {.name = "watches", .detail = "no limit is known"};
  Check check{.name = "watches", .detail = absl::StrCat(watches, " folders at most")};
  if (watches < kLeastWatches) {
    check.ok = false;
    check.remedy = "sudo sysctl fs.inotify.max_user_watches=524288";
  }
  return check;
}

std::vector<Check> Diagnose(const Workspace& workspace, const DiagnoseOptions& options,
                            EventSink& events, const Cancellation& cancellation) {
  std::vector<Check> checks;
  CheckEngine(workspace, options.caller, events, cancellation, checks);
  checks.push_back(JudgeProject(OpenProject(workspace, options.caller, events)));
  checks.push_back(CheckGit(options.caller));
  checks.push_back(CheckDisk(options.state_dir));
  checks.push_back(CheckWatchLimit());
  return checks;
}

}  // namespace nopo
