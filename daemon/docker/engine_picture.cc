#include "daemon/docker/engine_picture.h"

#include <algorithm>
#include <utility>

#include "common/status_macros.h"
#include "daemon/docker/compose_labels.h"

namespace nopo {
namespace {

const std::vector<std::string>& LabelsOfInterest() {
  static const auto* const labels = new std::vector<std::string>{kLabelProject};
  return *labels;
}

template <typename Thing>
void SortByName(std::vector<Thing>& things) {
  std::sort(things.begin(), things.end(),
            [](const Thing& a, const Thing& b) { return a.name < b.name; });
}

}  // namespace

template <typename Value>
void EnginePicture::Set(Value& place, Value value) {
  if (place == value) return;
  place = std::move(value);
  snapshot_ = nullptr;
}

absl::Status EnginePicture::Refresh(const EngineChanges& changes,
                                    const Cancellation& cancellation) {
  if (changes.everything) {
    NOPO_ASSIGN_OR_RETURN(const EngineVersion version, engine_.Ping(cancellation));
    image_events_suffice_ = LogsBuiltImages(version);
    NOPO_RETURN_IF_ERROR(ListContainers(cancellation));
  } else {
    for (const std::string& id : changes.containers) {
      NOPO_RETURN_IF_ERROR(LookAtContainer(id, cancellation));
    }
    for (const std::string& id : changes.network_members) {
      if (changes.containers.contains(id) || !containers_.contains(id)) continue;
      NOPO_RETURN_IF_ERROR(LookAtContainer(id, cancellation));
    }
  }
  if (changes.everything || changes.networks_and_volumes) {
    NOPO_RETURN_IF_ERROR(ListNetworksAndVolumes(cancellation));
  }
  return absl::OkStatus();
}

std::shared_ptr<const EngineSnapshot> EnginePicture::Snapshot() {
  if (snapshot_ == nullptr) {
    auto snapshot = std::make_shared<EngineSnapshot>();
    for (const auto& [id, container] : containers_) snapshot->containers.push_back(container);
    SortByName(snapshot->containers);
    snapshot->networks = networks_;
    snapshot->volumes = volumes_;
    snapshot_ = std::move(snapshot);
  }
  return snapshot_;
}

absl::Status EnginePicture::ListContainers(const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(std::vector<Container> list,
                        engine_.ListContainers(LabelsOfInterest(), cancellation));
  std::map<std::string, Container> containers;
  for (Container& container : list) {
    std::string id = container.id;
    containers.emplace(std::move(id), std::move(container));
  }
  Set(containers_, std::move(containers));
  return absl::OkStatus();
}

absl::Status EnginePicture::LookAtContainer(const std::string& id,
                                            const Cancellation& cancellation) {
  absl::StatusOr<Container> container = engine_.InspectContainer(id, cancellation);
  if (!container.ok() && !absl::IsNotFound(container.status())) return container.status();
  if (container.ok() && container->labels.contains(kLabelProject)) {
    Container& place = containers_[container->id];
    Set(place, *std::move(container));
  } else if (containers_.erase(id) > 0) {
    snapshot_ = nullptr;
  }
  return absl::OkStatus();
}

absl::Status EnginePicture::ListNetworksAndVolumes(const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(std::vector<Network> networks,
                        engine_.ListNetworks(LabelsOfInterest(), cancellation));
  NOPO_ASSIGN_OR_RETURN(std::vector<Volume> volumes,
                        engine_.ListVolumes(LabelsOfInterest(), cancellation));
  SortByName(networks);
  SortByName(volumes);
  Set(networks_, std::move(networks));
  Set(volumes_, std::move(volumes));
  return absl::OkStatus();
}

}  // namespace nopo
