#include "daemon/buildkit/control_connection.h"

#include <grpcpp/create_channel_posix.h>
#include <grpcpp/grpcpp.h>

#include <utility>

#include "common/status_macros.h"
#include "daemon/buildkit/http_upgrade.h"

namespace nopo {

ControlConnection::ControlConnection(Endpoint engine) : engine_(std::move(engine)) {}
ControlConnection::~ControlConnection() = default;

absl::StatusOr<ControlConnection::Lease> ControlConnection::Connect(
    const Cancellation& cancellation) {
  {
    MutexLock lock(mutex_);
    if (channel_ != nullptr) return Lease{channel_, false};
  }
  // Not under the lock: a build that is cancelled must not wait for another one's connection. Two
  // at once make two connections, of which the first made is kept.
  NOPO_ASSIGN_OR_RETURN(UniqueFd fd, DialUpgraded(engine_, "/grpc", {}, cancellation));
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetMaxSendMessageSize(-1);
  std::shared_ptr<grpc::Channel> channel =
      grpc::CreateCustomInsecureChannelFromFd("localhost", fd.Release(), arguments);
  MutexLock lock(mutex_);
  if (channel_ == nullptr) channel_ = channel;
  return Lease{std::move(channel), true};
}

void ControlConnection::Drop(const std::shared_ptr<grpc::Channel>& channel) {
  MutexLock lock(mutex_);
  if (channel_ == channel) channel_ = nullptr;
}

}  // namespace nopo
