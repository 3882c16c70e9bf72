#include <grpcpp/grpcpp.h>
#include <sys/socket.h>

#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "buildkit/sshforward.grpc.pb.h"
#include "common/endpoint.h"
#include "daemon/buildkit/session_grants.h"
#include "daemon/buildkit/socket_bytes.h"

namespace nopo {
namespace {

namespace v1 = moby::sshforward::v1;

using AgentStream = grpc::ServerReaderWriter<v1::BytesMessage, v1::BytesMessage>;

constexpr char kIdKey[] = "buildkit.ssh.id";
constexpr char kDefaultId[] = "default";

std::string IdOf(const grpc::ServerContext& context) {
  const auto found = context.client_metadata().find(kIdKey);
  if (found == context.client_metadata().end()) return kDefaultId;
  return std::string(found->second.data(), found->second.size());
}

// What the agent says goes to BuildKit, until either has no more.
void CopyAnswers(int fd, AgentStream& stream) {
  v1::BytesMessage message;
  CopyFrom(fd, [&](absl::string_view bytes) {
    message.set_data(bytes.data(), bytes.size());
    return stream.Write(message);
  });
}

class SshService final : public v1::SSH::Service {
 public:
  explicit SshService(std::map<std::string, std::string> agents) : agents_(std::move(agents)) {}

  grpc::Status CheckAgent(grpc::ServerContext*, const v1::CheckAgentRequest* request,
                          v1::CheckAgentResponse*) override {
    return agents_.contains(request->id().empty() ? kDefaultId : request->id())
               ? grpc::Status::OK
               : NoAgent(request->id());
  }

  grpc::Status ForwardAgent(grpc::ServerContext* context, AgentStream* stream) override {
    const auto agent = agents_.find(IdOf(*context));
    if (agent == agents_.end()) return NoAgent(IdOf(*context));
    const absl::StatusOr<UniqueFd> fd = Dial({.path = agent->second});
    if (!fd.ok()) {
      return grpc::Status(grpc::StatusCode::UNAVAILABLE, std::string(fd.status().message()));
    }
    std::thread answers([&] { CopyAnswers(fd->get(), *stream); });
    v1::BytesMessage message;
    while (stream->Read(&message) && SendAll(fd->get(), message.data())) {
    }
    // An agent ends the connection when it is asked nothing more.
    ::shutdown(fd->get(), context->IsCancelled() ? SHUT_RDWR : SHUT_WR);
    answers.join();
    return grpc::Status::OK;
  }

 private:
  static grpc::Status NoAgent(const std::string& id) {
    return grpc::Status(grpc::StatusCode::NOT_FOUND,
                        absl::StrCat("no SSH agent '", id, "' is given to this build"));
  }

  const std::map<std::string, std::string> agents_;
};

}  // namespace

SessionService MakeSshService(std::map<std::string, std::string> agents) {
  return {std::make_unique<SshService>(std::move(agents)),
          {"/moby.sshforward.v1.SSH/CheckAgent", "/moby.sshforward.v1.SSH/ForwardAgent"}};
}

}  // namespace nopo
