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
  Lease lease;
  const auto dial = [&]() -> absl::StatusOr<std::shared_ptr<grpc::Channel>> {
    lease.is_new = true;
    NOPO_ASSIGN_OR_RETURN(UniqueFd fd, DialUpgraded(engine_, "/grpc", {}, cancellation));
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    arguments.SetMaxSendMessageSize(-1);
    return grpc::CreateCustomInsecureChannelFromFd("localhost", fd.Release(), arguments);
  };
  NOPO_ASSIGN_OR_RETURN(lease.channel, channel_.Get(cancellation, dial));
  return lease;
}

void ControlConnection::Drop(const std::shared_ptr<grpc::Channel>& channel) {
  channel_.Forget(channel);
}

}  // namespace nopo
