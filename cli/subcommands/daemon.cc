// `nopo daemon start|stop|restart|status|logs`
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/call.h"
#include "cli/log_file.h"
#include "cli/progress/json_string.h"
#include "cli/subcommands/subcommands.h"
#include "common/duration_text.h"
#include "common/error.h"
#include "nopo/v1/daemon.grpc.pb.h"

namespace nopo {
namespace {

// Operations get ten seconds to end, then the daemon ends them.
constexpr absl::Duration kStopLimit = absl::Seconds(60);

absl::Status GetDaemon(DaemonConnection& daemon, v1::GetDaemonResponse& response) {
  return CallRunningDaemon(daemon, [&](const auto& channel, auto& context) {
    return v1::DaemonService::NewStub(channel)->GetDaemon(&context, {}, &response);
  });
}

std::string StatusJson(const v1::GetDaemonResponse& daemon, const RuntimePaths& paths) {
  return absl::StrFormat(
      R"({"running": true, "version": %s, "pid": %d, "uptime_s": %.1f, "projects": %d, )"
      R"("operations": %d, "rss_bytes": %d, "socket": %s, "log": %s})",
      JsonString(daemon.version()), daemon.pid(),
      static_cast<double>(daemon.uptime().seconds()) + daemon.uptime().nanos() / 1e9,
      daemon.projects(), daemon.operations(), daemon.rss_bytes(), JsonString(paths.socket.string()),
      JsonString(daemon.log_file()));
}

std::string StatusText(const v1::GetDaemonResponse& daemon, const RuntimePaths& paths) {
  return absl::StrFormat(
      "nopod %s runs as process %d for %s: %d project(s), %d operation(s), %.1f MB\n"
      "socket %s\nlog    %s\n",
      daemon.version(), daemon.pid(), WholeSeconds(absl::Seconds(daemon.uptime().seconds())),
      daemon.projects(), daemon.operations(), static_cast<double>(daemon.rss_bytes()) / 1e6,
      paths.socket.string(), daemon.log_file());
}

constexpr char kNotRunningJson[] = R"({"running": false})";

bool WantsJson(const Invocation& invocation) {
  return invocation.arguments.display.format == "json";
}

int ShowStatus(const Invocation& invocation) {
  const bool json = WantsJson(invocation);
  v1::GetDaemonResponse response;
  const absl::Status outcome = GetDaemon(invocation.daemon, response);
  const RuntimePaths& paths = invocation.daemon.paths();
  if (invocation.daemon.channel() == nullptr && absl::IsUnavailable(outcome)) {
    PrintResult(invocation, json ? kNotRunningJson : "nopod does not run");
    return kExitOk;
  }
  if (outcome.ok()) {
    PrintResult(invocation, json ? StatusJson(response, paths) : StatusText(response, paths));
  }
  return Conclude(invocation, outcome);
}

int Start(const Invocation& invocation) {
  v1::GetDaemonResponse response;
  const absl::Status outcome =
      CallDaemon(invocation.daemon, Cancellation(), [&](const auto& channel, auto& context) {
        return v1::DaemonService::NewStub(channel)->GetDaemon(&context, {}, &response);
      });
  if (outcome.ok()) {
    PrintResult(invocation, WantsJson(invocation)
                                ? StatusJson(response, invocation.daemon.paths())
                                : absl::StrCat("nopod ", response.version(), " runs as process ",
                                               response.pid()));
  }
  return Conclude(invocation, outcome);
}

// OK also when none runs; `was_running` tells.
absl::Status StopRunning(DaemonConnection& daemon, bool& was_running) {
  v1::StopResponse response;
  const absl::Status outcome = CallRunningDaemon(daemon, [&](const auto& channel, auto& context) {
    return v1::DaemonService::NewStub(channel)->Stop(&context, {}, &response);
  });
  was_running = daemon.channel() != nullptr;
  // A daemon that ends before its answer is out has done what it was asked for.
  if (!outcome.ok() && !absl::IsUnavailable(outcome)) return outcome;
  daemon.Disconnect();
  return WaitUntilUnlocked(daemon.paths().lock, kStopLimit);
}

int Stop(const Invocation& invocation) {
  bool was_running = false;
  const absl::Status outcome = StopRunning(invocation.daemon, was_running);
  if (outcome.ok()) {
    const char* const text = was_running ? "nopod has ended" : "nopod does not run";
    PrintResult(invocation, WantsJson(invocation) ? kNotRunningJson : text);
  }
  return Conclude(invocation, outcome);
}

int Restart(const Invocation& invocation) {
  bool was_running = false;
  const absl::Status outcome = StopRunning(invocation.daemon, was_running);
  return outcome.ok() ? Start(invocation) : Conclude(invocation, outcome);
}

int ShowLogs(const Invocation& invocation) {
  if (WantsJson(invocation)) {
    return Conclude(invocation, MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                                          "the daemon's log is text: there is no JSON of it"));
  }
  const LogsArguments& logs = invocation.arguments.logs;
  const std::filesystem::path& file = invocation.daemon.paths().log;
  const absl::Status printed = PrintLogFile(file, logs.tail, invocation.console.out);
  if (!printed.ok() || !logs.follow) return Conclude(invocation, printed);
  return Conclude(invocation, FollowLogFile(file, invocation.console.out));
}

}  // namespace

int RunDaemon(const Invocation& invocation) {
  const std::vector<std::string>& words = invocation.arguments.words;
  const std::string action = words.size() == 1 ? words[0] : "";
  if (action == "start") return Start(invocation);
  if (action == "stop") return Stop(invocation);
  if (action == "restart") return Restart(invocation);
  if (action == "status") return ShowStatus(invocation);
  if (action == "logs") return ShowLogs(invocation);
  return Conclude(invocation, MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                                        "what shall the daemon do? usage: nopo daemon "
                                        "start|stop|restart|status|logs"));
}

}  // namespace nopo
