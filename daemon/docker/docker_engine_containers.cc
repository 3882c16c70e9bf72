#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "daemon/docker/container_json.h"
#include "daemon/docker/docker_engine_connections.h"
#include "daemon/docker/engine_errors.h"
#include "daemon/docker/engine_json.h"
#include "daemon/docker/url.h"

namespace nopo {
namespace {

absl::string_view Flag(bool value) { return value ? "1" : "0"; }

// What the engine can wait for: whole seconds, none too short.
std::string GraceSeconds(absl::Duration grace) {
  const absl::Duration whole = absl::Ceil(std::max(grace, absl::ZeroDuration()), absl::Seconds(1));
  return absl::StrCat(absl::ToInt64Seconds(std::min(whole, absl::Hours(24))));
}

}  // namespace

absl::StatusOr<std::vector<Container>> DockerEngine::ListContainers(
    const std::vector<std::string>& labels, const Cancellation& cancellation) {
  const std::string query = QueryString({{"all", "1"}, {"filters", LabelFilter(labels)}});
  NOPO_ASSIGN_OR_RETURN(const std::string body,
                        connections_->Get("/containers/json" + query, cancellation));
  NOPO_ASSIGN_OR_RETURN(const std::vector<std::string> ids, ReadContainerIds(body));
  std::vector<Container> containers;
  for (const std::string& id : ids) {
    absl::StatusOr<Container> container = InspectContainer(id, cancellation);
    if (absl::IsNotFound(container.status())) continue;  // Removed since.
    if (!container.ok()) return container.status();
    containers.push_back(*std::move(container));
  }
  return containers;
}

absl::StatusOr<Container> DockerEngine::InspectContainer(absl::string_view id,
                                                         const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const std::string body,
                        connections_->Get(ContainerTarget(id, "/json"), cancellation));
  return ReadContainer(body);
}

absl::StatusOr<std::string> DockerEngine::CreateContainer(absl::string_view name,
                                                          const ContainerSpec& spec,
                                                          const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const EngineVersion version, connections_->Version(cancellation));
  const std::string query = name.empty() ? "" : QueryString({{"name", std::string(name)}});
  NOPO_ASSIGN_OR_RETURN(const std::string body,
                        connections_->Post("/containers/create" + query,
                                           ContainerCreateBody(spec, version), cancellation));
  return ReadCreatedId(body);
}

absl::Status DockerEngine::StartContainer(absl::string_view id, const Cancellation& cancellation) {
  return StartError(connections_->Post(ContainerTarget(id, "/start"), "", cancellation).status());
}

absl::Status DockerEngine::StopContainer(absl::string_view id, absl::Duration grace,
                                         const Cancellation& cancellation) {
  const std::string query = QueryString({{"t", GraceSeconds(grace)}});
  return connections_->Post(ContainerTarget(id, "/stop" + query), "", cancellation).status();
}

absl::Status DockerEngine::RemoveContainer(absl::string_view id, bool force, bool volumes,
                                           const Cancellation& cancellation) {
  const std::string query = absl::StrCat("?force=", Flag(force), "&v=", Flag(volumes));
  absl::Status status = connections_->Delete(ContainerTarget(id, query), cancellation);
  if (absl::IsFailedPrecondition(status) &&
      absl::StrContains(status.message(), "already in progress")) {
    status = connections_->Post(ContainerTarget(id, "/wait?condition=removed"), "", cancellation)
                 .status();
  }
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

absl::Status DockerEngine::RenameContainer(absl::string_view id, absl::string_view name,
                                           const Cancellation& cancellation) {
  const std::string query = QueryString({{"name", std::string(name)}});
  return connections_->Post(ContainerTarget(id, "/rename" + query), "", cancellation).status();
}

}  // namespace nopo
