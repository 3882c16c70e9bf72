#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "daemon/docker/container_json.h"
#include "daemon/docker/docker_engine_connections.h"
#include "daemon/docker/engine_json.h"
#include "daemon/docker/url.h"

namespace nopo {

absl::StatusOr<std::vector<Network>> DockerEngine::ListNetworks(
    const std::vector<std::string>& labels, const Cancellation& cancellation) {
  const std::string query = QueryString({{"filters", LabelFilter(labels)}});
  NOPO_ASSIGN_OR_RETURN(const std::string body,
                        connections_->Get("/networks" + query, cancellation));
  return ReadNetworks(body);
}

absl::StatusOr<std::string> DockerEngine::CreateNetwork(absl::string_view name,
                                                        const Labels& labels,
                                                        const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(
      const std::string body,
      connections_->Post("/networks/create", NetworkCreateBody(name, labels), cancellation));
  return ReadCreatedId(body);
}

absl::Status DockerEngine::RemoveNetwork(absl::string_view id, const Cancellation& cancellation) {
  return connections_->Delete(absl::StrCat("/networks/", PercentEncode(id)), cancellation);
}

absl::StatusOr<std::vector<Volume>> DockerEngine::ListVolumes(
    const std::vector<std::string>& labels, const Cancellation& cancellation) {
  const std::string query = QueryString({{"filters", LabelFilter(labels)}});
  NOPO_ASSIGN_OR_RETURN(const std::string body,
                        connections_->Get("/volumes" + query, cancellation));
  return ReadVolumes(body);
}

absl::StatusOr<Volume> DockerEngine::InspectVolume(absl::string_view name,
                                                   const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(
      const std::string body,
      connections_->Get(absl::StrCat("/volumes/", PercentEncode(name)), cancellation));
  return ReadVolume(body);
}

absl::Status DockerEngine::CreateVolume(absl::string_view name, const Labels& labels,
                                        const Cancellation& cancellation) {
  return connections_->Post("/volumes/create", VolumeCreateBody(name, labels), cancellation)
      .status();
}

absl::Status DockerEngine::RemoveVolume(absl::string_view name, const Cancellation& cancellation) {
  return connections_->Delete(absl::StrCat("/volumes/", PercentEncode(name)), cancellation);
}

}  // namespace nopo
