#include "daemon/operations/service_report.h"

#include <boost/json.hpp>

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "daemon/docker/compose_labels.h"
#include "daemon/services/service_status.h"

namespace nopo {
namespace {

std::vector<Container> ContainersOf(const DesiredService& desired, const EngineSnapshot& snapshot) {
  std::vector<Container> containers = snapshot.ContainersOf(desired.project);
  std::erase_if(containers, [&](const Container& container) {
    return LabelOf(container.labels, kLabelService) != desired.service || IsOneOff(container);
  });
  return containers;
}

}  // namespace

ServiceReport ReportServices(const std::map<std::string, DesiredService>& services,
                             const EngineSnapshot& snapshot) {
  size_t width = 0;
  for (const auto& [id, desired] : services) width = std::max(width, id.size());
  ServiceReport report;
  boost::json::object json;
  for (const auto& [id, desired] : services) {
    const ServiceStatus status = StatusOf(desired, snapshot);
    const std::vector<std::string> urls = ServiceUrls(ContainersOf(desired, snapshot));
    std::string line = absl::StrFormat("  %-*s  %-9s  %s", static_cast<int>(width), id,
                                       status.state, absl::StrJoin(urls, " "));
    absl::StripTrailingAsciiWhitespace(&line);
    absl::StrAppend(&report.text, line, "\n");
    boost::json::array json_urls;
    for (const std::string& url : urls) json_urls.emplace_back(url);
    json[id] = boost::json::object{{"state", status.state}, {"urls", json_urls}};
  }
  report.json = boost::json::serialize(json);
  return report;
}

}  // namespace nopo
