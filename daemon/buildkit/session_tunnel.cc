#include "daemon/buildkit/session_tunnel.h"

#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "buildkit/control.grpc.pb.h"
#include "daemon/buildkit/socket_bytes.h"

namespace nopo {

namespace v1 = moby::buildkit::v1;

struct SessionTunnel::Call {
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReaderWriter<v1::BytesMessage, v1::BytesMessage>> stream;

  // What we say, until our end is closed.
  void Send(int fd) {
    v1::BytesMessage message;
    CopyFrom(fd, [&](absl::string_view bytes) {
      message.set_data(bytes.data(), bytes.size());
      return stream->Write(message);
    });
    stream->WritesDone();
  }

  // What BuildKit says, until the call ends; then there is nothing more to say either.
  void Receive(int fd) {
    v1::BytesMessage message;
    while (stream->Read(&message) && SendAll(fd, message.data())) {
    }
    ::shutdown(fd, SHUT_RDWR);
  }
};

SessionTunnel::SessionTunnel(std::unique_ptr<Call> call, UniqueFd end, UniqueFd inner)
    : call_(std::move(call)), end_(std::move(end)), inner_(std::move(inner)) {
  sender_ = std::thread([this] { call_->Send(inner_.get()); });
  receiver_ = std::thread([this] { call_->Receive(inner_.get()); });
}

SessionTunnel::~SessionTunnel() {
  call_->context.TryCancel();
  ::shutdown(inner_.get(), SHUT_RDWR);
  sender_.join();
  receiver_.join();
  call_->stream->Finish();
}

absl::StatusOr<std::unique_ptr<SessionTunnel>> SessionTunnel::Open(
    const std::shared_ptr<grpc::Channel>& channel,
    const std::vector<std::pair<std::string, std::string>>& metadata) {
  std::array<int, 2> ends;
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return absl::InternalError(absl::StrCat("socketpair: ", std::strerror(errno)));
  }
  UniqueFd end(ends[0]);
  UniqueFd inner(ends[1]);
  ::fcntl(end.get(), F_SETFL, O_NONBLOCK);
  auto call = std::make_unique<Call>();
  for (const auto& [key, value] : metadata) call->context.AddMetadata(key, value);
  call->stream = v1::Control::NewStub(channel)->Session(&call->context);
  return std::unique_ptr<SessionTunnel>(
      new SessionTunnel(std::move(call), std::move(end), std::move(inner)));
}

}  // namespace nopo
