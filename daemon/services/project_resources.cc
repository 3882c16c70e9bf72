#include "daemon/services/project_resources.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/docker/compose_labels.h"

namespace nopo {
namespace {

// Compose's key of the network that services get unless they ask for others.
constexpr char kDefaultNetworkKey[] = "default";

}  // namespace

ProjectResources::ProjectResources(DockerEngine& engine, EngineMirror& mirror, std::string project,
                                   std::string network)
    : engine_(engine),
      mirror_(mirror),
      project_(std::move(project)),
      network_(std::move(network)) {}

absl::Status ProjectResources::EnsureNetwork(const Cancellation& cancellation) {
  return Once(
      "network", [&] { return MakeNetwork(cancellation); }, cancellation);
}

absl::Status ProjectResources::EnsureVolume(const DesiredService::NamedVolume& volume,
                                            const Cancellation& cancellation) {
  return Once(
      absl::StrCat("volume ", volume.name), [&] { return MakeVolume(volume, cancellation); },
      cancellation);
}

absl::Status ProjectResources::Once(const std::string& key,
                                    const std::function<absl::Status()>& make,
                                    const Cancellation& cancellation) {
  const Cancellation::Registration woken = cancellation.OnCancel([this] {
    MutexLock lock(mutex_);
    changed_.NotifyAll();
  });
  {
    MutexLock lock(mutex_);
    for (auto entry = progress_.find(key); entry != progress_.end(); entry = progress_.find(key)) {
      if (entry->second == Progress::kReady) return absl::OkStatus();
      NOPO_RETURN_IF_ERROR(cancellation.Check());
      changed_.Wait(mutex_);
    }
    progress_[key] = Progress::kMaking;
  }
  const absl::Status status = make();
  MutexLock lock(mutex_);
  if (status.ok()) {
    progress_[key] = Progress::kReady;
  } else {
    progress_.erase(key);
  }
  changed_.NotifyAll();
  return status;
}

absl::Status ProjectResources::MakeNetwork(const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const auto snapshot, mirror_.Snapshot(cancellation));
  for (const Network& network : snapshot->networks) {
    const bool ours = LabelOf(network.labels, kLabelProject) == project_;
    if (ours && network.name == network_) return absl::OkStatus();
  }
  const Labels labels = {{kLabelProject, project_},
                         {kLabelNetwork, kDefaultNetworkKey},
                         {kLabelVersion, kComposeVersion}};
  const absl::Status created = engine_.CreateNetwork(network_, labels, cancellation).status();
  mirror_.InvalidateNetworksAndVolumes();
  if (absl::IsAlreadyExists(created)) return CheckNetworkIsOurs(cancellation);
  return WithPrefix(created, absl::StrCat("create network ", network_, ": "));
}

absl::Status ProjectResources::CheckNetworkIsOurs(const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(
      const std::vector<Network> ours,
      engine_.ListNetworks({absl::StrCat(kLabelProject, "=", project_)}, cancellation));
  for (const Network& network : ours) {
    if (network.name == network_) return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kEngineFailed,
                   absl::StrCat("there is a network '", network_,
                                "' that does not belong to project '", project_, "'"),
                   {absl::StrCat("Remove it (docker network rm ", network_,
                                 ") or give the project another name.")});
}

absl::Status ProjectResources::MakeVolume(const DesiredService::NamedVolume& volume,
                                          const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const auto snapshot, mirror_.Snapshot(cancellation));
  for (const Volume& existing : snapshot->volumes) {
    if (existing.name == volume.name) return absl::OkStatus();
  }
  // The engine leaves a volume that exists (without our label) as it is.
  const Labels labels = {
      {kLabelProject, project_}, {kLabelVolume, volume.key}, {kLabelVersion, kComposeVersion}};
  const absl::Status created = engine_.CreateVolume(volume.name, labels, cancellation);
  mirror_.InvalidateNetworksAndVolumes();
  return WithPrefix(created, absl::StrCat("create volume ", volume.name, ": "));
}

}  // namespace nopo
