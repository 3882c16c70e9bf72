#include <fcntl.h>

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status_macros.h"
#include "daemon/docker/docker_engine_connections.h"
#include "daemon/docker/engine_errors.h"
#include "daemon/docker/engine_json.h"
#include "daemon/docker/line_splitter.h"
#include "daemon/docker/log_demultiplexer.h"
#include "daemon/docker/url.h"

namespace nopo {
namespace {

// "kill" and "stop" look redundant beside "die", but engines of 2024 answer the call before they
// log "die". "health_status" makes every entry match as a prefix; no action of exec begins like
// one.
constexpr absl::string_view kEventFilter =
    R"({"type":["container","image","network","volume"],)"
    R"("event":["create","start","die","destroy","stop","kill","oom","pause","unpause","rename",)"
    R"("update","restart","health_status","connect","disconnect","tag","untag","delete","pull",)"
    R"("import","load"]})";

// Unless told otherwise the engine takes Ctrl-P Ctrl-Q for "detach" and so holds back every Ctrl-P
// until the next key. Bytes that UTF-8 never has are never typed.
constexpr absl::string_view kTerminalQuery =
    "&stdin=1&stdout=1&stderr=1&detachKeys=%FF%2C%FE%2C%FF%2C%FE";

// "1700000000.000000001", as the engine wants moments.
std::string EngineTime(absl::Time time) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  const int64_t nanoseconds = absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds));
  return absl::StrFormat("%d.%09d", seconds, nanoseconds);
}

std::string EventsTarget(absl::Time since, absl::Time until) {
  QueryParameters parameters = {{"filters", std::string(kEventFilter)}};
  if (since != absl::InfinitePast()) parameters.emplace_back("since", EngineTime(since));
  if (until != absl::InfiniteFuture()) parameters.emplace_back("until", EngineTime(until));
  return "/events" + QueryString(parameters);
}

std::string LogsQuery(const LogOptions& options) {
  QueryParameters parameters = {{"stdout", "1"}, {"stderr", "1"}};
  if (options.follow) parameters.emplace_back("follow", "1");
  if (options.timestamps) parameters.emplace_back("timestamps", "1");
  if (options.tail >= 0) parameters.emplace_back("tail", absl::StrCat(options.tail));
  if (options.since != absl::InfinitePast()) {
    parameters.emplace_back("since", EngineTime(options.since));
  }
  return QueryString(parameters);
}

// Reads to the end, whatever becomes of the output: an engine whose reader stops blocks the
// process.
absl::Status Drain(HttpStream& stream, bool tty, const OutputHandler& output) {
  LogDemultiplexer demultiplexer(tty, output);
  while (true) {
    NOPO_ASSIGN_OR_RETURN(const absl::string_view bytes, stream.Read());
    if (bytes.empty()) return absl::OkStatus();
    NOPO_RETURN_IF_ERROR(demultiplexer.Feed(bytes));
  }
}

// Calls `handler` for every whole line that is an event. Noise between them is not worth the
// stream.
absl::Status FollowEvents(HttpStream& stream,
                          const std::function<void(const EngineEvent&)>& handler) {
  LineSplitter lines;
  while (true) {
    NOPO_ASSIGN_OR_RETURN(const absl::string_view bytes, stream.Read());
    if (bytes.empty()) return absl::OkStatus();
    lines.Feed(bytes, [&](absl::string_view line) {
      if (const absl::StatusOr<EngineEvent> event = ReadEvent(line); event.ok()) handler(*event);
    });
  }
}

}  // namespace

struct DockerEngine::Attached {
  HttpStream streams, exit;
};

absl::StatusOr<DockerEngine::Attached> DockerEngine::StartAttached(
    absl::string_view id, absl::string_view query, const Cancellation& cancellation) {
  HttpRequest attach{.method = "POST",
                     .target = ContainerTarget(id, absl::StrCat("/attach?stream=1", query)),
                     .upgrade = true};
  NOPO_ASSIGN_OR_RETURN(HttpStream streams, connections_->Open(std::move(attach), cancellation));
  HttpRequest wait{.method = "POST", .target = ContainerTarget(id, "/wait?condition=next-exit")};
  NOPO_ASSIGN_OR_RETURN(HttpStream exit, connections_->Open(std::move(wait), cancellation));
  NOPO_RETURN_IF_ERROR(StartContainer(id, cancellation));
  return Attached{std::move(streams), std::move(exit)};
}

absl::StatusOr<int> DockerEngine::ReadExit(HttpStream& exit) {
  NOPO_ASSIGN_OR_RETURN(const std::string body, exit.ReadAll());
  // An engine that is going down ends the answer before it began.
  if (body.empty()) return connections_->Observe(LostEngineError(endpoint()));
  return ReadExitCode(body);
}

absl::StatusOr<int> DockerEngine::RunAttached(absl::string_view id, const OutputHandler& output,
                                              const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const std::string details,
                        connections_->Get(ContainerTarget(id, "/json"), cancellation));
  NOPO_ASSIGN_OR_RETURN(const bool tty, ReadContainerHasTty(details));
  NOPO_ASSIGN_OR_RETURN(Attached attached, StartAttached(id, "&stdout=1&stderr=1", cancellation));
  NOPO_RETURN_IF_ERROR(connections_->Observe(Drain(attached.streams, tty, output)));
  return ReadExit(attached.exit);
}

absl::StatusOr<ContainerTerminal> DockerEngine::StartOnTerminal(absl::string_view id,
                                                                const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(Attached attached, StartAttached(id, kTerminalQuery, cancellation));
  const int fd = attached.streams.fd();
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  return ContainerTerminal(*this, std::move(attached.streams), std::move(attached.exit));
}

absl::Status DockerEngine::ResizeTerminal(absl::string_view id, int columns, int rows,
                                          const Cancellation& cancellation) {
  const std::string query = absl::StrCat("/resize?w=", columns, "&h=", rows);
  return connections_->Post(ContainerTarget(id, query), "", cancellation).status();
}

ContainerTerminal::ContainerTerminal(DockerEngine& engine, HttpStream connection, HttpStream exit)
    : engine_(&engine),
      connection_(std::make_unique<HttpStream>(std::move(connection))),
      exit_(std::make_unique<HttpStream>(std::move(exit))) {}
ContainerTerminal::ContainerTerminal(ContainerTerminal&&) noexcept = default;
ContainerTerminal::~ContainerTerminal() = default;

int ContainerTerminal::fd() const { return connection_->fd(); }
absl::StatusOr<int> ContainerTerminal::Wait() { return engine_->ReadExit(*exit_); }

absl::Status DockerEngine::ReadLogs(absl::string_view id, const LogOptions& options,
                                    const OutputHandler& output, const Cancellation& cancellation) {
  const auto read = [&]() -> absl::Status {
    NOPO_ASSIGN_OR_RETURN(const std::string details,
                          connections_->Get(ContainerTarget(id, "/json"), cancellation));
    NOPO_ASSIGN_OR_RETURN(const bool tty, ReadContainerHasTty(details));
    HttpRequest request{.target = ContainerTarget(id, "/logs" + LogsQuery(options))};
    NOPO_ASSIGN_OR_RETURN(HttpStream stream, connections_->Open(std::move(request), cancellation));
    return connections_->Observe(Drain(stream, tty, output));
  };
  absl::Status status = read();
  return options.follow && absl::IsCancelled(status) ? absl::OkStatus() : status;
}

absl::StatusOr<std::vector<EngineEvent>> DockerEngine::PastEvents(
    absl::Time since, absl::Time until, const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const std::string body,
                        connections_->Get(EventsTarget(since, until), cancellation));
  std::vector<EngineEvent> events;
  LineSplitter lines;
  lines.Feed(body, [&](absl::string_view line) {
    if (absl::StatusOr<EngineEvent> event = ReadEvent(line); event.ok()) {
      events.push_back(*std::move(event));
    }
  });
  return events;
}

absl::Status DockerEngine::StreamEvents(absl::Time since, const std::function<void()>& subscribed,
                                        const std::function<void(const EngineEvent&)>& handler,
                                        const Cancellation& cancellation) {
  HttpRequest request{.target = EventsTarget(since, absl::InfiniteFuture())};
  NOPO_ASSIGN_OR_RETURN(HttpStream stream, connections_->Open(std::move(request), cancellation));
  if (subscribed) subscribed();
  NOPO_RETURN_IF_ERROR(connections_->Observe(FollowEvents(stream, handler)));
  return connections_->Observe(LostEngineError(endpoint()));
}

}  // namespace nopo
