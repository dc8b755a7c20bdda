import type { Cause } from './cause.ts';

/** Shapes, types and values that do not fit. */
export const values: Cause[] = [
  {
    id: 'matrix-shapes',
    says: /(?:mat1 and mat2 shapes cannot be multiplied \((?<shapes>[^)]+)\)|shapes (?<others>\([\d, ]*\) and \([\d, ]*\)) not aligned)/,
    why: 'Two matrices do not fit each other.',
    fix: 'The number of columns of the first must be the number of rows of the second: adapt in_features of the layer, or reshape what goes into it.',
  },
  {
    id: 'state-dict',
    says: /Error\(s\) in loading state_dict|size mismatch for (?<name>\S+): copying a param/,
    why: 'The saved weights are of a model that is built otherwise.',
    fix: 'Make the model with the same sizes and layers as when it was saved; a prefix "module." comes from DataParallel.',
  },
  {
    id: 'broadcast',
    says: /operands could not be broadcast together|The size of tensor a \(\d+\) must match the size of tensor b|Sizes of tensors must match/,
    why: 'Two arrays have sizes that do not go together.',
    fix: 'Print the shapes before this line. Often the last batch is smaller (drop_last=True), or a dimension of 1 is missing (reshape, unsqueeze).',
  },
  {
    id: 'features',
    says: /X has (?<found>\d+) features, but (?<model>\w+) is expecting (?<wanted>\d+)/,
    why: '{model} was trained with {wanted} columns and gets {found}.',
    fix: 'Prepare the data in the same way as for training: a Pipeline with the preprocessing in it keeps both together.',
  },
  {
    id: 'sample-counts',
    says: /Found input variables with inconsistent numbers of samples/,
    why: 'Features and labels do not have the same number of rows.',
    fix: 'Filter both in the same way, before they are taken apart.',
  },
  {
    id: 'two-dimensions',
    says: /Expected 2D array, got (?:1D|scalar) array/,
    why: 'The model wants rows and columns, and gets one dimension.',
    fix: 'Use X.reshape(-1, 1) for one column, X.reshape(1, -1) for one row.',
  },
  {
    id: 'nan-input',
    says: /Input (?:X |y )?contains (?:NaN|infinity)|Input contains NaN/,
    why: 'The data have values that are missing or infinite.',
    fix: 'Fill or drop them (SimpleImputer, dropna), or use a model that takes them.',
  },
  {
    id: 'nan-loss',
    says: /loss (?:is|became|was) (?:nan|inf)|Function '\w+' returned nan values/i,
    why: 'The loss is not a number any more: the training diverged.',
    fix: 'Lower the learning rate, clip gradients, and look for divisions by 0 and logarithms of 0.',
  },
  {
    id: 'text-as-number',
    says: /could not convert string to float: '?(?<value>[^']*)'?/,
    why: 'The text "{value}" is used as a number.',
    fix: 'Encode columns of text (OneHotEncoder), or name what stands for a missing value (na_values).',
  },
  {
    id: 'one-class',
    says: /(?:needs samples of at least 2 classes|y contains 1 class|least populated class in y has only|Only one class present)/,
    why: 'The labels have too few classes, or too few rows of one.',
    fix: 'Look at the labels of this split; split with stratify=y, and use fewer folds.',
  },
  {
    id: 'tensor-type',
    says: /expected (?:scalar|m1 and m2 to have the same) (?:type|dtype).*|expected scalar type \w+ but found \w+|must have the same dtype/i,
    why: 'Two tensors have different types.',
    fix: 'Convert one: .float(), .long(), or .to(other.dtype).',
  },
  {
    id: 'no-grad',
    says: /does not require grad and does not have a grad_fn/,
    why: 'The loss does not depend on anything that can be trained.',
    fix: 'See that no torch.no_grad(), .detach() or .item() stands between the model and the loss, and that parameters are not frozen.',
  },
  {
    id: 'embedding-index',
    says: /index out of range in self/,
    why: 'An index is larger than the table that it looks in, such as a token outside of the vocabulary.',
    fix: 'Compare the largest index with num_embeddings; after tokens were added call model.resize_token_embeddings.',
  },
  {
    id: 'index',
    says: /IndexError: (?<what>.+)/,
    why: 'The code asks for an element that is not there: {what}.',
    fix: 'Look at the length before this line; an empty list of files or batches is the usual reason.',
  },
  {
    id: 'key',
    says: /^KeyError: (?<key>.+)/,
    why: 'There is no {key}: no such column, field or environment variable.',
    fix: 'Print what there is (df.columns, dict.keys()), and compare letters, case and spaces.',
  },
  {
    id: 'none',
    says: /'NoneType' object (?:has no attribute|is not)/,
    why: 'Something that should have a value is None.',
    fix: 'Follow it back from the last line of the traceback: a function without return, a search without a result, an argument that was not given.',
  },
];
