// Commands in running containers.
#include <fcntl.h>

#include <boost/json.hpp>

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "daemon/docker/container_json.h"
#include "daemon/docker/docker_engine_connections.h"
#include "daemon/docker/engine_errors.h"
#include "daemon/docker/engine_json.h"
#include "daemon/docker/json_fields.h"
#include "daemon/docker/line_splitter.h"
#include "daemon/docker/url.h"

namespace nopo {
namespace {

std::string ExecTarget(absl::string_view id, absl::string_view rest) {
  return absl::StrCat("/exec/", PercentEncode(id), rest);
}

// The ends of commands in one container: those that the engine still knows of and those to come.
// `since` the beginning of time, so that none falls between the answer's head and its first line.
std::string ExecEndsTarget(absl::string_view container_id) {
  const boost::json::object filters{{"type", {"container"}},
                                    {"event", {"exec_die"}},
                                    {"container", JsonTexts({std::string(container_id)})}};
  return "/events" + QueryString({{"filters", boost::json::serialize(filters)}, {"since", "1"}});
}

// The exit code that an event tells of the command `exec_id`; nothing for other events.
std::optional<int> ExitCodeIn(absl::string_view line, absl::string_view exec_id) {
  const absl::StatusOr<EngineEvent> event = ReadEvent(line);
  if (!event.ok()) return std::nullopt;
  const auto id = event->attributes.find("execID");
  const auto code = event->attributes.find("exitCode");
  if (id == event->attributes.end() || code == event->attributes.end()) return std::nullopt;
  int value = 0;
  if (id->second != exec_id || !absl::SimpleAtoi(code->second, &value)) return std::nullopt;
  return value;
}

}  // namespace

ExecStreams::ExecStreams(HttpStream connection)
    : connection_(std::make_unique<HttpStream>(std::move(connection))) {}
ExecStreams::ExecStreams(ExecStreams&&) noexcept = default;
ExecStreams::~ExecStreams() = default;

int ExecStreams::fd() const { return connection_->fd(); }
std::string ExecStreams::TakeEarly() { return connection_->TakeEarly(); }

absl::StatusOr<std::string> DockerEngine::CreateExec(absl::string_view container_id,
                                                     const ExecSpec& spec,
                                                     const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const EngineVersion version, connections_->Version(cancellation));
  NOPO_ASSIGN_OR_RETURN(const std::string body,
                        connections_->Post(ContainerTarget(container_id, "/exec"),
                                           ExecCreateBody(spec, version), cancellation));
  return ReadCreatedId(body);
}

absl::StatusOr<ExecStreams> DockerEngine::StartExec(absl::string_view exec_id, bool tty,
                                                    const Cancellation& cancellation) {
  HttpRequest start{.method = "POST",
                    .target = ExecTarget(exec_id, "/start"),
                    .json = ExecStartBody(/*detach=*/false, tty),
                    .upgrade = true};
  NOPO_ASSIGN_OR_RETURN(HttpStream streams, connections_->Open(std::move(start), cancellation));
  const int fd = streams.fd();
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  return ExecStreams(std::move(streams));
}

absl::Status DockerEngine::StartDetachedExec(absl::string_view exec_id,
                                             const Cancellation& cancellation) {
  const std::string body = ExecStartBody(/*detach=*/true, /*tty=*/false);
  return connections_->Post(ExecTarget(exec_id, "/start"), body, cancellation).status();
}

absl::StatusOr<ExecState> DockerEngine::InspectExec(absl::string_view exec_id,
                                                    const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const std::string body,
                        connections_->Get(ExecTarget(exec_id, "/json"), cancellation));
  return ReadExecState(body);
}

absl::Status DockerEngine::ResizeExec(absl::string_view exec_id, int columns, int rows,
                                      const Cancellation& cancellation) {
  const std::string query = absl::StrCat("/resize?w=", columns, "&h=", rows);
  return connections_->Post(ExecTarget(exec_id, query), "", cancellation).status();
}

absl::StatusOr<int> DockerEngine::WaitForExec(absl::string_view container_id,
                                              absl::string_view exec_id,
                                              const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const ExecState state, InspectExec(exec_id, cancellation));
  if (state.exit_code.has_value()) return *state.exit_code;
  HttpRequest request{.target = ExecEndsTarget(container_id)};
  NOPO_ASSIGN_OR_RETURN(HttpStream events, connections_->Open(std::move(request), cancellation));
  LineSplitter lines;
  std::optional<int> exit_code;
  while (!exit_code.has_value()) {
    NOPO_ASSIGN_OR_RETURN(const absl::string_view bytes, events.Read());
    if (bytes.empty()) return connections_->Observe(LostEngineError(endpoint()));
    lines.Feed(bytes, [&](absl::string_view line) {
      if (!exit_code.has_value()) exit_code = ExitCodeIn(line, exec_id);
    });
  }
  return *exit_code;
}

}  // namespace nopo
