#include "daemon/docker/container_tunnel.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/docker/log_demultiplexer.h"

namespace nopo {
namespace {

constexpr size_t kPieceSize = 32 << 10;

bool MustWait(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

// Sends what it can of `bytes` without waiting; false when nobody takes them any more.
bool SendSome(int fd, std::string& bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return MustWait(errno);
    bytes.erase(0, static_cast<size_t>(sent));
  }
  return true;
}

// Appends one piece that is there to `bytes`; false at the end.
bool ReceiveSome(int fd, std::string& bytes) {
  std::array<char, kPieceSize> buffer;
  const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), 0);
  if (size < 0) return MustWait(errno);
  bytes.append(buffer.data(), static_cast<size_t>(size));
  return size > 0;
}

}  // namespace

class ContainerTunnel::Connection {
 public:
  // `stop` is the cancellation that `streams` were started with.
  Connection(std::unique_ptr<Cancellation> stop, ExecStreams streams, UniqueFd plain)
      : stop_(std::move(stop)), streams_(std::move(streams)), plain_(std::move(plain)) {
    ::fcntl(plain_.get(), F_SETFL, O_NONBLOCK);
    thread_ = std::thread([this] { Run(); });
  }
  ~Connection() {
    stop_->Cancel();
    ::shutdown(plain_.get(), SHUT_RDWR);
    thread_.join();
  }

  bool HasEnded() const { return ended_; }

 private:
  void Run() {
    bool goes_on = Take(streams_.TakeEarly());
    while (goes_on) goes_on = Carry();
    ::shutdown(plain_.get(), SHUT_RDWR);
    ::shutdown(streams_.fd(), SHUT_RDWR);
    ended_ = true;
  }

  // Waits until something can be carried, and carries it. What waits on one side is not added to,
  // so that a reader that lags holds the writer up.
  bool Carry() {
    const auto end = [](int fd, const std::string& in, const std::string& out) {
      const int events = (in.empty() ? POLLIN : 0) | (out.empty() ? 0 : POLLOUT);
      // One that nothing is wanted of would wake the thread for ever once it is closed.
      return pollfd{events == 0 ? -1 : fd, static_cast<short>(events), 0};
    };
    std::array<pollfd, 2> ends = {end(plain_.get(), to_container_, to_plain_),
                                  end(streams_.fd(), to_plain_, to_container_)};
    if (::poll(ends.data(), ends.size(), -1) < 0) return errno == EINTR;
    if (to_container_.empty() && ends[0].revents != 0 &&
        !ReceiveSome(plain_.get(), to_container_)) {
      return false;
    }
    if (to_plain_.empty() && ends[1].revents != 0) {
      std::string frames;
      if (!ReceiveSome(streams_.fd(), frames) || !Take(frames)) return false;
    }
    return SendSome(plain_.get(), to_plain_) && SendSome(streams_.fd(), to_container_);
  }

  bool Take(absl::string_view frames) { return frames_.Feed(frames).ok(); }

  const std::unique_ptr<Cancellation> stop_;
  ExecStreams streams_;
  const UniqueFd plain_;
  // The thread's own.
  std::string to_plain_, to_container_;
  const OutputHandler keep_ = [this](ContainerStream stream, absl::string_view data) {
    if (stream == ContainerStream::kStdout) absl::StrAppend(&to_plain_, data);
  };
  LogDemultiplexer frames_{/*tty=*/false, keep_};
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

ContainerTunnel::ContainerTunnel(DockerEngine& engine, std::string container,
                                 std::vector<std::string> command)
    : engine_(engine), container_(std::move(container)), command_(std::move(command)) {}
ContainerTunnel::~ContainerTunnel() = default;

absl::StatusOr<UniqueFd> ContainerTunnel::Dial(const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const Container container,
                        engine_.InspectContainer(container_, cancellation));
  if (container.state != ContainerState::kRunning) {
    return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kEngineFailed,
                     absl::StrCat("the container ", container_, " does not run"));
  }
  NOPO_ASSIGN_OR_RETURN(const std::string exec,
                        engine_.CreateExec(container.id, {.command = command_}, cancellation));
  // Not the caller's: the connection outlives its call.
  auto stop = std::make_unique<Cancellation>();
  NOPO_ASSIGN_OR_RETURN(ExecStreams streams, engine_.StartExec(exec, /*tty=*/false, *stop));
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return absl::ErrnoToStatus(errno, "cannot make a pair of sockets");
  }
  UniqueFd ours(pair[0]), theirs(pair[1]);
  MutexLock lock(mutex_);
  std::erase_if(connections_, [](const auto& connection) { return connection->HasEnded(); });
  connections_.push_back(
      std::make_unique<Connection>(std::move(stop), std::move(streams), std::move(ours)));
  return theirs;
}

}  // namespace nopo
