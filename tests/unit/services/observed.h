// Builds what an engine might show of a project "shop", in the words of the tests.
#pragma once

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/docker/compose_labels.h"
#include "daemon/docker/engine_mirror.h"
#include "daemon/services/desired_service.h"

namespace nopo {

inline constexpr char kImageId[] = "sha256:1a2b3c4d5e6f7081";
inline constexpr char kNetworkId[] = "network-1";

// A service "web" of one instance whose configuration has hash "h1".
inline DesiredService AService() {
  DesiredService service{.project = "shop", .service = "web", .image = "shop-web:local"};
  service.spec.network_mode = "shop_default";
  service.config_hash = "h1";
  return service;
}

// A running container of that service, as desired unless told otherwise.
class AContainer {
 public:
  explicit AContainer(std::string service = "web", int number = 1) {
    container_.name = absl::StrCat("shop-", service, "-", number);
    container_.id = absl::StrCat("id-of-", container_.name);
    container_.image_id = kImageId;
    container_.state = ContainerState::kRunning;
    container_.networks = {{"shop_default", kNetworkId}};
    container_.labels = {{kLabelProject, "shop"},
                         {kLabelService, service},
                         {kLabelNumber, absl::StrCat(number)},
                         {kLabelOneOff, "False"},
                         {kLabelConfigHash, "h1"}};
  }
  AContainer&& Named(std::string name) && {
    container_.name = std::move(name);
    return std::move(*this);
  }
  AContainer&& Id(std::string id) && {
    container_.id = std::move(id);
    return std::move(*this);
  }
  AContainer&& Image(std::string id) && {
    container_.image_id = std::move(id);
    return std::move(*this);
  }
  AContainer&& Label(const std::string& key, const std::string& value) && {
    container_.labels[key] = value;
    return std::move(*this);
  }
  AContainer&& Without(const std::string& label) && {
    container_.labels.erase(label);
    return std::move(*this);
  }
  AContainer&& In(ContainerState state) && {
    container_.state = state;
    return std::move(*this);
  }
  AContainer&& Exited(int code) && {
    container_.state = ContainerState::kExited;
    container_.exit_code = code;
    return std::move(*this);
  }
  AContainer&& Health(HealthState health) && {
    container_.has_healthcheck = true;
    container_.health = health;
    return std::move(*this);
  }
  AContainer&& On(std::string network_id) && {
    container_.networks["shop_default"] = std::move(network_id);
    return std::move(*this);
  }
  AContainer&& Port(PortMapping port) && {
    container_.ports.push_back(std::move(port));
    return std::move(*this);
  }
  operator Container() && { return std::move(container_); }

 private:
  Container container_;
};

// An engine that has image and network of the project, and `containers`.
inline EngineSnapshot AnEngineWith(std::vector<Container> containers) {
  EngineSnapshot snapshot;
  snapshot.containers = std::move(containers);
  snapshot.networks = {{.id = kNetworkId, .name = "shop_default"}};
  snapshot.image_ids = {{"shop-web:local", kImageId}};
  return snapshot;
}

}  // namespace nopo
