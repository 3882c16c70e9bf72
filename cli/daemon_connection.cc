#include "cli/daemon_connection.h"

#include <fcntl.h>
#include <grpcpp/create_channel_posix.h>
#include <grpcpp/grpcpp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/signal_watcher.h"
#include "common/endpoint.h"
#include "common/error.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

constexpr absl::Duration kStartLimit = absl::Seconds(20);
// How long the winner of a race may take from its lock to its socket before we try again ourselves.
constexpr absl::Duration kWinnerLimit = absl::Seconds(2);
constexpr absl::Duration kDialPause = absl::Milliseconds(5);
// A daemon answers within microseconds, unless it was stopped or the machine is out of memory.
constexpr absl::Duration kGreetingLimit = absl::Seconds(20);
constexpr int kMaxMetadataBytes = 16 << 20;
// An old daemon first finishes what others have it do.
constexpr absl::Duration kReplaceLimit = absl::Minutes(10);

// An HTTP/2 server speaks first. Until it has, the connection may only wait in the backlog of a
// daemon that is about to be gone; a call sent there would be lost.
absl::Status WaitForGreeting(int connection) {
  pollfd readable = {.fd = connection, .events = POLLIN, .revents = 0};
  const absl::Time deadline = absl::Now() + kGreetingLimit;
  int ready = 0;
  do {
    ready =
        ::poll(&readable, 1, static_cast<int>(absl::ToInt64Milliseconds(deadline - absl::Now())));
  } while (ready < 0 && errno == EINTR);
  if (ready == 0) {
    return MakeError(absl::StatusCode::kDeadlineExceeded, Reason::kEngineUnavailable,
                     absl::StrCat("the daemon (nopod) did not answer within ",
                                  absl::FormatDuration(kGreetingLimit)),
                     {"its process may be suspended; `nopo daemon logs` may tell more"});
  }
  char first;
  if (::recv(connection, &first, 1, MSG_PEEK) == 1) return absl::OkStatus();
  return absl::UnavailableError("the daemon (nopod) is ending");
}

// Errors: UNAVAILABLE when no daemon is there to answer; those of Dial and WaitForGreeting.
absl::StatusOr<UniqueFd> DialSocket(const std::filesystem::path& socket) {
  NOPO_ASSIGN_OR_RETURN(UniqueFd connection,
                        Dial({.kind = Endpoint::Kind::kUnix, .path = socket.string()}));
  grpc_init();  // While the daemon prepares its greeting. Never undone: see ~DaemonConnection.
  NOPO_RETURN_IF_ERROR(WaitForGreeting(connection.get()));
  return connection;
}

// gRPC's own dialling would bring up its resolver and report a missing daemon only after a while.
std::shared_ptr<grpc::Channel> ChannelOn(UniqueFd connection) {
  ::fcntl(connection.get(), F_SETFL, ::fcntl(connection.get(), F_GETFL) | O_NONBLOCK);
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);  // See the daemon's.
  // A status with every mistake of a project's files, and DEBUG lines, is metadata.
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  return grpc::CreateCustomInsecureChannelFromFd("nopod", connection.Release(), arguments);
}

// Dials until somebody listens or `deadline` passes.
absl::StatusOr<UniqueFd> DialUntil(const std::filesystem::path& socket, absl::Time deadline) {
  while (true) {
    absl::StatusOr<UniqueFd> connection = DialSocket(socket);
    if (connection.ok() || !absl::IsUnavailable(connection.status())) return connection;
    if (absl::Now() >= deadline) return connection;
    absl::SleepFor(kDialPause);
  }
}

}  // namespace

DaemonConnection::DaemonConnection(RuntimePaths paths, Observation& observation)
    : paths_(std::move(paths)), observation_(observation) {}

DaemonConnection::~DaemonConnection() {
  if (private_daemon_.has_value()) {
    channel_.reset();  // Else the daemon would wait for its end.
    private_daemon_->parent.Reset();
    while (::waitpid(private_daemon_->pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  } else {
    // Left to the end of the process: the last channel takes gRPC's threads along, and waiting for
    // them is up to half of a short command's time.
    new std::shared_ptr<grpc::Channel>(std::move(channel_));
  }
  if (!private_dir_.empty()) {
    std::error_code ignored;
    std::filesystem::remove_all(private_dir_, ignored);
  }
}

absl::Status DaemonConnection::SpawnPrivateDaemon() {
  NOPO_ASSIGN_OR_RETURN(const std::filesystem::path program,
                        FindDaemonProgram(ReadProcessEnvironment));
  // A signal in between would leave the folder to nobody: later on the daemon removes it too.
  const BlockedSignals blocked;
  std::error_code error;
  std::string pattern = (std::filesystem::temp_directory_path(error) / "nopo-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot create ", pattern));
  }
  private_dir_ = pattern;
  paths_.socket = private_dir_ / "nopod.sock";
  paths_.lock = paths_.socket;
  paths_.lock += ".lock";
  NOPO_ASSIGN_OR_RETURN(private_daemon_,
                        SpawnDaemon(program, {{"NOPO_SOCKET", paths_.socket.string()}}, true));
  return absl::OkStatus();
}

absl::Status DaemonConnection::StartPrivateDaemon() {
  NOPO_RETURN_IF_ERROR(SpawnPrivateDaemon());
  NOPO_ASSIGN_OR_RETURN(const Readiness readiness,
                        WaitUntilReady(*private_daemon_, absl::Now() + kStartLimit));
  if (readiness == Readiness::kExited) {
    return absl::InternalError("the daemon (nopod) ended before it was ready");
  }
  return ConnectToRunning();
}

absl::Status DaemonConnection::Connect() {
  if (channel_ != nullptr) return absl::OkStatus();
  const absl::Status status = ConnectToRunning();
  if (!absl::IsUnavailable(status)) return status;
  return observation_.Measure("start nopod", [this] { return StartAndConnect(); });
}

absl::Status DaemonConnection::ConnectToRunning() {
  if (channel_ != nullptr) return absl::OkStatus();
  NOPO_ASSIGN_OR_RETURN(UniqueFd connection, DialSocket(paths_.socket));
  channel_ = ChannelOn(std::move(connection));
  return absl::OkStatus();
}

absl::Status DaemonConnection::Replace() {
  channel_.reset();
  NOPO_RETURN_IF_ERROR(WaitUntilUnlocked(paths_.lock, kReplaceLimit));
  return Connect();
}

// A daemon that exits at once has lost the race against another one, whose socket then comes up. If
// it does not, the lock was held by somebody who only looked at it, and it is our turn again.
absl::Status DaemonConnection::StartAndConnect() {
  NOPO_ASSIGN_OR_RETURN(const std::filesystem::path program,
                        FindDaemonProgram(ReadProcessEnvironment));
  const absl::Time deadline = absl::Now() + kStartLimit;
  while (absl::Now() < deadline) {
    NOPO_ASSIGN_OR_RETURN(const DaemonProcess process, SpawnDaemon(program, {}, false));
    NOPO_ASSIGN_OR_RETURN(const Readiness readiness, WaitUntilReady(process, deadline));
    if (readiness == Readiness::kListening) return ConnectToRunning();
    int status = 0;
    ::waitpid(process.pid, &status, 0);
    absl::StatusOr<UniqueFd> connection =
        DialUntil(paths_.socket, std::min(deadline, absl::Now() + kWinnerLimit));
    if (connection.ok()) {
      channel_ = ChannelOn(*std::move(connection));
      return absl::OkStatus();
    }
    if (!absl::IsUnavailable(connection.status())) return connection.status();
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) break;
  }
  return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kConfiguration,
                   absl::StrCat("the daemon ", program.string(), " does not start"),
                   {absl::StrCat("see ", paths_.log.string())});
}

}  // namespace nopo
