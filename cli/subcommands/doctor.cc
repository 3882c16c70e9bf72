// `nopo doctor`: the daemon's checks, after those that find out whether there can be a daemon.
#include <sys/stat.h>

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/call.h"
#include "cli/caller.h"
#include "cli/daemon_process.h"
#include "cli/progress/json_string.h"
#include "cli/subcommands/subcommands.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "nopo/v1/daemon.grpc.pb.h"

namespace nopo {
namespace {

using Check = v1::DiagnoseResponse::Check;

Check Passed(const std::string& name, const std::string& detail) {
  Check check;
  check.set_name(name);
  check.set_ok(true);
  check.set_detail(detail);
  return check;
}

Check Failed(const std::string& name, const std::string& detail, const std::string& remedy) {
  Check check = Passed(name, detail);
  check.set_ok(false);
  check.set_remedy(remedy);
  return check;
}

Check CheckProgram() {
  const auto program = FindDaemonProgram(ReadProcessEnvironment);
  if (program.ok()) return Passed("program", program->string());
  return Failed("program", std::string(program.status().message()),
                absl::StrJoin(HintsOf(program.status()), "; "));
}

// The socket is this user's alone, and so is its folder.
Check CheckSocket(const std::filesystem::path& socket) {
  struct stat file {};
  struct stat folder {};
  if (::stat(socket.c_str(), &file) != 0 || ::stat(socket.parent_path().c_str(), &folder) != 0) {
    return Failed("socket", absl::StrCat(socket.string(), " is not there"),
                  "`nopo daemon restart` makes it anew");
  }
  const bool is_private = (file.st_mode & 0077) == 0 && (folder.st_mode & 0077) == 0;
  if (is_private) return Passed("socket", socket.string());
  return Failed(
      "socket", absl::StrCat("others may use ", socket.string()),
      absl::StrCat("chmod 700 ", socket.parent_path().string(), "; `nopo daemon restart`"));
}

std::vector<Check> Diagnose(const Invocation& invocation) {
  std::vector<Check> checks = {CheckProgram()};
  v1::DiagnoseRequest request;
  v1::DiagnoseResponse response;
  absl::Status asked = FillCaller(invocation.arguments, *request.mutable_caller());
  if (asked.ok()) {
    asked = CallDaemon(invocation.daemon, Cancellation(), [&](const auto& channel, auto& context) {
      return v1::DaemonService::NewStub(channel)->Diagnose(&context, request, &response);
    });
  }
  if (!asked.ok()) {
    const std::vector<std::string> hints = HintsOf(asked);
    checks.push_back(Failed(
        "daemon", std::string(asked.message()),
        hints.empty() ? "`nopo daemon logs` may tell what happened" : absl::StrJoin(hints, "; ")));
    return checks;
  }
  invocation.daemon.observation().Receive(response.events());
  checks.push_back(Passed("daemon", "nopod " NOPO_VERSION " answers"));
  checks.push_back(CheckSocket(invocation.daemon.paths().socket));
  checks.insert(checks.end(), response.checks().begin(), response.checks().end());
  return checks;
}

bool AllPassed(const std::vector<Check>& checks) {
  return std::all_of(checks.begin(), checks.end(), [](const Check& check) { return check.ok(); });
}

std::string RenderJson(const std::vector<Check>& checks) {
  std::vector<std::string> objects;
  for (const Check& check : checks) {
    objects.push_back(absl::StrFormat(R"({"name": %s, "ok": %s, "detail": %s, "remedy": %s})",
                                      JsonString(check.name()), check.ok() ? "true" : "false",
                                      JsonString(check.detail()), JsonString(check.remedy())));
  }
  return absl::StrFormat(R"({"ok": %s, "checks": [%s]})", AllPassed(checks) ? "true" : "false",
                         absl::StrJoin(objects, ", "));
}

std::string RenderText(const std::vector<Check>& checks) {
  std::string text;
  for (const Check& check : checks) {
    absl::StrAppend(&text, absl::StrFormat("%s %-9s %s\n", check.ok() ? "✓" : "✗", check.name(),
                                           check.detail()));
    if (!check.remedy().empty()) absl::StrAppend(&text, "            ", check.remedy(), "\n");
  }
  return text;
}

}  // namespace

int RunDoctor(const Invocation& invocation) {
  const std::vector<Check> checks = Diagnose(invocation);
  const bool json = invocation.arguments.display.format == "json";
  PrintResult(invocation, json ? RenderJson(checks) : RenderText(checks));
  return AllPassed(checks) ? kExitOk : kExitTaskFailed;
}

}  // namespace nopo
