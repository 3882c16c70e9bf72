#include "daemon/docker/compose_labels.h"

#include "absl/strings/numbers.h"

namespace nopo {

std::string LabelOf(const Labels& labels, absl::string_view key) {
  const auto found = labels.find(std::string(key));
  return found == labels.end() ? "" : found->second;
}

int ContainerNumber(const Container& container) {
  int number = 0;
  return absl::SimpleAtoi(LabelOf(container.labels, kLabelNumber), &number) && number > 0 ? number
                                                                                          : 0;
}

bool IsOneOff(const Container& container) {
  return LabelOf(container.labels, kLabelOneOff) == "True";
}

}  // namespace nopo
