#include "daemon/buildkit/build_session.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/server_posix.h>

#include <chrono>
#include <random>
#include <utility>

#include "absl/strings/ascii.h"
#include "common/status_macros.h"
#include "daemon/buildkit/http_upgrade.h"

namespace nopo {
namespace {

// Exclude patterns travel as metadata, and gRPC's default takes only about a hundred.
constexpr int kMaxMetadata = 16 << 20;

HttpHeaders SessionHeaders(const std::string& id, const std::string& shared_key,
                           const std::vector<SessionService>& services) {
  HttpHeaders headers = {{"X-Docker-Expose-Session-Uuid", id},
                         {"X-Docker-Expose-Session-Name", "nopo"},
                         {"X-Docker-Expose-Session-Sharedkey", shared_key}};
  for (const SessionService& service : services) {
    for (const std::string& method : service.methods) {
      headers.emplace_back("X-Docker-Expose-Session-Grpc-Method", method);
    }
  }
  return headers;
}

// The value of `key`, or one that is false.
template <typename Map>
typename Map::mapped_type FindIn(const Map& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? typename Map::mapped_type() : found->second;
}

}  // namespace

BuildSession::BuildSession(const SessionGrants& grants)
    : id_(NewBuildkitId()), services_(MakeGrantServices(grants)) {
  auto files = MakeFileSyncService(
      [this](const std::string& name) {
        MutexLock lock(mutex_);
        return FindIn(offered_.directories, name);
      },
      [this](const std::string& directory, int64_t bytes) {
        MutexLock lock(mutex_);
        bytes_sent_[directory] += bytes;
      });
  services_.push_back(MakeSessionHealth());
  services_.push_back({std::move(files), {"/moby.filesync.v1.FileSync/DiffCopy"}});
  services_.push_back(MakeImageReceiver([this](const std::string& image) {
    MutexLock lock(mutex_);
    return FindIn(offered_.images, image);
  }));
  services_.push_back(MakeContentService([this](const std::string& id) {
    MutexLock lock(mutex_);
    return FindIn(offered_.stores, id);
  }));
}

BuildSession::~BuildSession() {
  if (server_ == nullptr) return;
  server_->Shutdown(std::chrono::system_clock::now());
  server_->Wait();
}

absl::StatusOr<std::shared_ptr<BuildSession>> BuildSession::Start(
    const BuildkitAddress& address, const std::shared_ptr<grpc::Channel>& control,
    const std::string& shared_key, const SessionGrants& grants, const Cancellation& cancellation) {
  auto session = std::shared_ptr<BuildSession>(new BuildSession(grants));
  HttpHeaders headers = SessionHeaders(session->id_, shared_key, session->services_);
  UniqueFd fd;
  if (address.in_engine) {
    NOPO_ASSIGN_OR_RETURN(fd, DialUpgraded(address.endpoint, "/session", headers, cancellation));
  } else {
    for (auto& [name, value] : headers) absl::AsciiStrToLower(&name);
    NOPO_ASSIGN_OR_RETURN(session->tunnel_, SessionTunnel::Open(control, headers));
    fd = session->tunnel_->TakeEnd();
  }
  NOPO_RETURN_IF_ERROR(session->Serve(std::move(fd)));
  return session;
}

bool BuildSession::Offer(const SessionOffer& offer) {
  MutexLock lock(mutex_);
  for (const auto& [name, directory] : offer.directories) {
    const auto known = offered_.directories.find(name);
    if (known != offered_.directories.end() && known->second->version() != directory->version()) {
      return false;
    }
  }
  offered_.directories.insert(offer.directories.begin(), offer.directories.end());
  for (const auto& [image, opener] : offer.images) offered_.images[image] = opener;
  for (const auto& [id, store] : offer.stores) offered_.stores[id] = store;
  return true;
}

int64_t BuildSession::TakeBytesSent(const std::string& directory) {
  MutexLock lock(mutex_);
  return std::exchange(bytes_sent_[directory], 0);
}

absl::Status BuildSession::Serve(UniqueFd fd) {
  grpc::ServerBuilder builder;
  for (const SessionService& service : services_) builder.RegisterService(service.service.get());
  builder.SetMaxReceiveMessageSize(-1);
  builder.SetMaxSendMessageSize(-1);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadata);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) return absl::InternalError("the server of a build session did not start");
  grpc::AddInsecureChannelFromFd(server_.get(), fd.Release());
  return absl::OkStatus();
}

std::string NewBuildkitId() {
  constexpr char kAlphabet[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::random_device random;
  std::uniform_int_distribution<int> letter(0, sizeof(kAlphabet) - 2);
  std::string id;
  while (id.size() < 25) id += kAlphabet[letter(random)];
  return id;
}

}  // namespace nopo
